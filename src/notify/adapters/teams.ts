import type { TeamsYaml } from '../../config/fleet/sections/receivers/teams.js';
import { judgeStatus, urlWith } from '../http.js';
import type { HttpAdapter } from '../http-adapter.js';
import { jsonPost } from '../json-post.js';
import { fitted, type Message } from '../text/message.js';
import { plainParts } from '../text/plain-parts.js';

/** Teams takes about 28 KB. */
const MOST_BYTES = 24_000;

/** A workflow of Teams that posts a card. Its parts are runs of text, in which nothing is markup. */
export const teamsAdapter: HttpAdapter<TeamsYaml, { readonly url: string }> = {
  limits: { perMinute: 60, perSecond: 4, bytes: MOST_BYTES, muteMs: 0, merges: true },
  async resolve({ url }, read) {
    return { url: urlWith(await read(url), { written: url, parameter: 'sig' }) };
  },
  render: (letter, { url }, { language }) =>
    jsonPost(url, fitted(letter, language, { bytes: MOST_BYTES, write: bodyOf })),
  judge: judgeStatus,
};

function bodyOf(message: Message): string {
  const { title, paragraphs } = plainParts(message);
  const runs = paragraphs.flatMap((lines) =>
    lines.map((text, at) => block({ text }, at === 0 ? 'Medium' : 'None')),
  );
  const heading = { text: title, weight: 'Bolder', size: 'Medium', color: COLOURS[message.tone] };
  return JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          fallbackText: title,
          body: [block(heading, 'None'), ...runs],
        },
      },
    ],
  });
}

const COLOURS = { plain: 'Default', good: 'Good', warning: 'Warning', bad: 'Attention' } as const;

/** Text in a `TextBlock` would be read as Markdown. */
const block = (run: { readonly text: string }, spacing: 'None' | 'Medium') => ({
  type: 'RichTextBlock',
  spacing,
  inlines: [{ type: 'TextRun', ...run }],
});

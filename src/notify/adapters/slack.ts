import type { SlackYaml } from '../../config/fleet/sections/receivers/slack.js';
import { printableLine } from '../../errors/printable.js';
import { type HttpAnswer, judgeStatus, usableUrl } from '../http.js';
import type { HttpAdapter } from '../http-adapter.js';
import { jsonPost } from '../json-post.js';
import { fieldsIn } from '../service-code.js';
import { fitted, type Message } from '../text/message.js';
import { plainParts } from '../text/plain-parts.js';

/** What Slack takes: characters of a header, of a section. */
const MOST_OF_A_HEADER = 150;
const MOST_OF_A_SECTION = 3000;
/** Far below 50 blocks. */
const MOST_BYTES = 16_000;

/** An incoming webhook of Slack: blocks of plain text, in which nothing is markup. */
export const slackAdapter: HttpAdapter<SlackYaml, { readonly url: string }> = {
  limits: { perMinute: 60, bytes: MOST_BYTES, muteMs: 0, merges: true },
  async resolve({ url }, read) {
    return { url: usableUrl(await read(url), url) };
  },
  render: (letter, { url }, { language }) =>
    jsonPost(url, fitted(letter, language, { bytes: MOST_BYTES, write: bodyOf })),
  judge(answer) {
    const verdict = judgeStatus(answer);
    if (verdict.kind === 'refused') return { kind: 'refused', why: refusal(answer) };
    if (verdict.kind === 'retry' || isTaken(answer)) return verdict;
    return { kind: 'retry', afterMs: null, why: `it answered ${answer.status} without ok` };
  },
};

function bodyOf(message: Message): string {
  const { title, paragraphs } = plainParts(message);
  const sections = paragraphs.flatMap((lines) => packed(lines.map(escaped)));
  return JSON.stringify({
    // For notices of the system, and programs without blocks.
    text: escaped(title),
    mrkdwn: false,
    unfurl_links: false,
    blocks: [
      { type: 'header', text: plain(escapedWithin(title, MOST_OF_A_HEADER)) },
      ...sections.map((text) => ({ type: 'section', text: plain(text) })),
    ],
  });
}

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const escaped = (text: string): string => text.replace(/[&<>]/g, (mark) => ENTITIES[mark] ?? mark);

/** The beginning of a text that has at most so many characters when it is escaped. */
function escapedWithin(text: string, most: number): string {
  const whole = escaped(text);
  if (whole.length <= most) return whole;
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept.length + escaped(segment).length >= most) break;
    kept += escaped(segment);
  }
  return `${kept}…`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Lines in as few sections as they fit into. */
function packed(lines: readonly string[]): readonly string[] {
  const sections: string[] = [];
  for (const line of lines) {
    const last = sections.at(-1);
    const joined = last === undefined ? line : `${last}\n${line}`;
    if (last === undefined || joined.length > MOST_OF_A_SECTION) sections.push(line);
    else sections[sections.length - 1] = joined;
  }
  return sections;
}

/** Programs that are like Slack answer in JSON. */
function isTaken({ body }: HttpAnswer): boolean {
  const { ok, success } = fieldsIn(body);
  return body.trim() === 'ok' || ok === true || success === true;
}

function refusal({ status, body }: HttpAnswer): string {
  const word = printableLine(body).slice(0, 100);
  const means = MEANS[word];
  return `it answered ${status}${word === '' ? '' : `: ${word}`}${means === undefined ? '' : ` (${means})`}`;
}

const MEANS: Readonly<Record<string, string>> = {
  invalid_token: 'the URL is wrong or was revoked',
  no_service: 'the URL is wrong or was removed',
  no_service_id: 'the URL is wrong',
  no_team: 'the workspace does not exist any more',
  team_disabled: 'the workspace is switched off',
  channel_not_found: 'the channel does not exist any more',
  channel_is_archived: 'the channel is archived',
  user_not_found: 'the user does not exist any more',
  action_prohibited: 'an administrator does not allow it',
  posting_to_general_channel_denied: 'only some members may post in that channel',
};

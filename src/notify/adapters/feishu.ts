import { createHmac } from 'node:crypto';
import type { FeishuYaml } from '../../config/fleet/sections/receivers/feishu.js';
import type { RenderContext } from '../channel.js';
import { usableUrl } from '../http.js';
import type { HttpAdapter } from '../http-adapter.js';
import { jsonPost } from '../json-post.js';
import type { Letter } from '../notice.js';
import { judgeCode } from '../service-code.js';
import { isForPeople } from '../text/for-people.js';
import { fitted, type Message } from '../text/message.js';
import { plainParts } from '../text/plain-parts.js';

export interface FeishuTarget {
  readonly url: string;
  readonly secret: string | null;
  readonly keyword: string | null;
  /** Ids of users, or `all`. */
  readonly mentions: readonly string[];
}

/** Feishu takes 20 KB. */
const MOST_BYTES = 19_000;

/** A robot of a group in Feishu or Lark: a card of plain text, in which nothing is markup. */
export const feishuAdapter: HttpAdapter<FeishuYaml, FeishuTarget> = {
  limits: { perMinute: 90, perSecond: 5, bytes: MOST_BYTES, muteMs: 60_000, merges: true },
  async resolve({ url, secret, keyword = null, at }, read) {
    return {
      url: usableUrl(await read(url), url),
      secret: secret === undefined ? null : (await read(secret)).trim(),
      keyword,
      mentions: [at?.users ?? [], at?.all === true ? 'all' : []].flat(),
    };
  },
  render(letter, target, { language, at }) {
    const write = (message: Message): string => bodyOf(message, letter, { target, at });
    return jsonPost(target.url, fitted(letter, language, { bytes: MOST_BYTES, write }));
  },
  judge: (answer) => judgeCode(answer, CODES),
};

interface Sent {
  readonly target: FeishuTarget;
  readonly at: RenderContext['at'];
}

function bodyOf(message: Message, letter: Letter, { target, at }: Sent): string {
  const { title, paragraphs } = plainParts(message);
  const texts = paragraphs.map((lines) => lines.join('\n'));
  const { keyword } = target;
  const hasKeyword = keyword === null || [title, ...texts].some((each) => each.includes(keyword));
  const mentions = isForPeople(letter) ? target.mentions : [];
  const elements = [
    ...texts.map(plain),
    ...(hasKeyword ? [] : [plain(keyword)]),
    // The one part that is markup, and no part of it comes from a host.
    ...(mentions.length === 0
      ? []
      : [div('lark_md', mentions.map((id) => `<at id=${id}></at>`).join(' '))]),
  ];
  return JSON.stringify({
    ...signature(target, at),
    msg_type: 'interactive',
    card: {
      header: { title: { tag: 'plain_text', content: title }, template: COLOURS[message.tone] },
      elements,
    },
  });
}

const COLOURS = { plain: 'blue', good: 'green', warning: 'orange', bad: 'red' } as const;

const div = (tag: 'plain_text' | 'lark_md', content: string) => ({
  tag: 'div',
  text: { tag, content },
});

const plain = (content: string) => div('plain_text', content);

/** In the body, in seconds; what is signed with is what others sign, and the text is empty. */
function signature({ secret }: FeishuTarget, at: RenderContext['at']) {
  if (secret === null) return {};
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const sign = createHmac('sha256', `${timestamp}\n${secret}`).update('').digest('base64');
  return { timestamp, sign };
}

const CODES = {
  code: 'code',
  text: 'msg',
  tooMany: [11232],
  busy: [],
  means: {
    11232: 'too many messages a minute',
    19001: 'the robot of this URL does not exist',
    19021: 'the secret of the robot does not fit, or the clock of this machine is wrong',
    19022: 'the IP list of the robot does not have this machine',
    19024: 'the robot takes only messages with its keyword',
  },
};

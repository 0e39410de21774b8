import type { WecomYaml } from '../../config/fleet/sections/receivers/wecom.js';
import { urlWith } from '../http.js';
import type { HttpAdapter } from '../http-adapter.js';
import { jsonPost } from '../json-post.js';
import { judgeCode } from '../service-code.js';
import { isForPeople } from '../text/for-people.js';
import { markdownOf } from '../text/markdown.js';
import { fitted } from '../text/message.js';
import { plainParts, plainText } from '../text/plain-parts.js';

export interface WecomTarget {
  readonly url: string;
  readonly mobiles: readonly string[];
  /** `@all` is everyone. */
  readonly users: readonly string[];
}

/** Of the text alone. */
const MOST_MARKDOWN = 4096;
const MOST_TEXT = 2048;

/** A robot of a group in WeCom. Markdown; or text where it mentions people, which only a text can by mobile number. */
export const wecomAdapter: HttpAdapter<WecomYaml, WecomTarget> = {
  // It takes 20 a minute: two are left for what others send.
  limits: { perMinute: 18, bytes: MOST_MARKDOWN, muteMs: 60_000, merges: true },
  async resolve({ url, at }, read) {
    return {
      url: urlWith(await read(url), { written: url, parameter: 'key' }),
      mobiles: [at?.mobiles ?? []].flat(),
      users: [at?.users ?? [], at?.all === true ? '@all' : []].flat(),
    };
  },
  render(letter, { url, mobiles, users }, { language }) {
    const isMention = isForPeople(letter) && mobiles.length + users.length > 0;
    const content = isMention
      ? fitted(letter, language, {
          bytes: MOST_TEXT,
          write: (message) => plainText(plainParts(message)),
        })
      : fitted(letter, language, { bytes: MOST_MARKDOWN, write: markdownOf });
    const body = isMention
      ? {
          msgtype: 'text',
          text: { content, mentioned_list: users, mentioned_mobile_list: mobiles },
        }
      : { msgtype: 'markdown', markdown: { content } };
    return jsonPost(url, JSON.stringify(body));
  },
  judge: (answer) => judgeCode(answer, CODES),
};

const CODES = {
  code: 'errcode',
  text: 'errmsg',
  tooMany: [45009],
  busy: [-1, 45033],
  means: {
    45009: 'too many messages a minute',
    40058: 'the message is too long, or has a wrong field',
    93000: 'the robot of this URL does not exist',
    93004: 'the robot is switched off',
    93008: 'the robot is not in the group any more',
  },
};

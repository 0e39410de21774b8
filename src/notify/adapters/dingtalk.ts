import { createHmac } from 'node:crypto';
import type { DingtalkYaml } from '../../config/fleet/sections/receivers/dingtalk.js';
import type { RenderContext, Verdict } from '../channel.js';
import { type HttpAnswer, urlWith } from '../http.js';
import type { HttpAdapter } from '../http-adapter.js';
import { jsonPost } from '../json-post.js';
import type { Letter } from '../notice.js';
import { fieldsIn, judgeCode } from '../service-code.js';
import { defused } from '../text/defused.js';
import { isForPeople } from '../text/for-people.js';
import { markdownOf } from '../text/markdown.js';
import { fitted, type Message } from '../text/message.js';

export interface DingtalkTarget {
  readonly url: string;
  readonly secret: string | null;
  readonly keyword: string | null;
  readonly mobiles: readonly string[];
  readonly users: readonly string[];
  readonly all: boolean;
}

/** DingTalk takes 20,000 bytes. */
const MOST_BYTES = 18_000;

/** A robot of a group in DingTalk. */
export const dingtalkAdapter: HttpAdapter<DingtalkYaml, DingtalkTarget> = {
  // It takes 20 a minute, and nothing for ten minutes after one more: two are left for what others send.
  limits: { perMinute: 18, bytes: MOST_BYTES, muteMs: 10 * 60_000, merges: true },
  async resolve({ url, secret, keyword = null, at }, read) {
    return {
      url: urlWith(await read(url), { written: url, parameter: 'access_token' }),
      secret: secret === undefined ? null : (await read(secret)).trim(),
      keyword,
      mobiles: [at?.mobiles ?? []].flat(),
      users: [at?.users ?? []].flat(),
      all: at?.all === true,
    };
  },
  render(letter, target, { language, at }) {
    const write = (message: Message): string => bodyOf(message, letter, target);
    return jsonPost(signed(target, at), fitted(letter, language, { bytes: MOST_BYTES, write }));
  },
  judge(answer) {
    return isPunished(answer) ? PUNISHED : judgeCode(answer, CODES);
  },
};

/** The time in milliseconds, and what shows who sends: both in the query. */
function signed({ url, secret }: DingtalkTarget, at: RenderContext['at']): string {
  if (secret === null) return url;
  const timestamp = String(at.getTime());
  const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
  const whole = new URL(url);
  whole.searchParams.set('timestamp', timestamp);
  whole.searchParams.set('sign', sign);
  return whole.href;
}

/** A mention needs both: the list beside the text, and the name in it. */
function bodyOf(message: Message, letter: Letter, target: DingtalkTarget): string {
  const isAsked = isForPeople(letter);
  const mobiles = isAsked ? target.mobiles : [];
  const users = isAsked ? target.users : [];
  const names = [...mobiles, ...users].map((name) => `@${name}`);
  const text = [markdownOf(message), ...(names.length === 0 ? [] : [names.join(' ')])].join('\n\n');
  const { keyword } = target;
  return JSON.stringify({
    msgtype: 'markdown',
    markdown: {
      title: defused(message.title),
      text: keyword === null || text.includes(keyword) ? text : `${text}\n\n${keyword}`,
    },
    at: { atMobiles: mobiles, atUserIds: users, isAtAll: isAsked && target.all },
  });
}

/** What its firewall says in the place of the robot, in JSON or in a page. */
const isPunished = ({ body }: HttpAnswer): boolean =>
  fieldsIn(body).status === 1111 || /"punish"\s*:|\/punish\?/.test(body);

const PUNISHED: Verdict = {
  kind: 'retry',
  afterMs: null,
  why: 'its firewall takes nothing from this machine for a while',
  isMuted: true,
};

const CODES = {
  code: 'errcode',
  text: 'errmsg',
  tooMany: [130101, 410100],
  busy: [-1],
  means: {
    130101: 'too many messages a minute',
    410100: 'too many messages a minute',
    310000: 'the secret, the keyword or the IP list of the robot does not fit',
    300001: 'the robot of this URL does not exist',
    400101: 'the robot of this URL does not exist',
    400106: 'the robot of this URL does not exist',
    400102: 'the robot is switched off',
    400013: 'the group does not exist any more',
  },
};

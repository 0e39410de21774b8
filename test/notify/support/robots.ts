import { webcrypto } from 'node:crypto';
import type { NotifyYaml } from '../../../src/config/fleet/sections/notify.js';
import { type ReadClient, readDingtalk, readMarkdown, readPlain } from './clients.js';
import type { Got } from './http-receiver.js';

/** HMAC-SHA256 in base64, by another implementation than the one that signs. */
async function hmac(key: string, text: string): Promise<string> {
  const bytes = new TextEncoder();
  const how = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await webcrypto.subtle.importKey('raw', bytes.encode(key), how, false, ['sign']);
  const signed = await webcrypto.subtle.sign('HMAC', imported, bytes.encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(signed)));
}

export const SECRET = 'SEC4711-planted-secret-of-a-robot';
const HOUR_MS = 3_600_000;

/** What a service shows of a message, and what is wrong with the request: as its documents say, and nothing of ours. */
export interface Robot {
  readonly receiver: (url: string) => NotifyYaml[number];
  readonly query: string;
  /** Throws what the service would refuse; returns what people see. */
  readonly take: (got: Pick<Got, 'path' | 'headers' | 'body'>, now: number) => Promise<ReadClient>;
  readonly good: string;
  readonly goodStatus: number;
}

const bytes = (text: string): number => new TextEncoder().encode(text).length;

function check(holds: boolean, why: string): void {
  if (!holds) throw new Error(why);
}

const json = ({ headers, body }: Pick<Got, 'headers' | 'body'>) => {
  check(/^application\/json/.test(headers['content-type'] ?? ''), 'not JSON');
  return JSON.parse(body);
};

export const ROBOTS = {
  dingtalk: {
    receiver: (url) => ({
      dingtalk: { url, secret: 'env:SECRET', at: { mobiles: ['13800000000'] } },
    }),
    query: '?access_token=planted-token-of-dingtalk',
    good: '{"errcode":0,"errmsg":"ok"}',
    goodStatus: 200,
    async take(got, now) {
      const { searchParams } = new URL(got.path, 'http://here');
      const timestamp = searchParams.get('timestamp') ?? '';
      check(/^\d{13}$/.test(timestamp), 'no milliseconds');
      check(Math.abs(now - Number(timestamp)) < HOUR_MS, '310000: timestamp');
      const sign = await hmac(SECRET, `${timestamp}\n${SECRET}`);
      check(searchParams.get('sign') === sign, '310000: sign');
      check(bytes(got.body) <= 20_000, 'too long');
      const { msgtype, markdown, at } = json(got);
      check(msgtype === 'markdown' && markdown.title !== '', 'msgtype');
      return readDingtalk(markdown.text, at);
    },
  },
  wecom: {
    receiver: (url) => ({ wecom: { url } }),
    query: '?key=planted-key-of-wecom-0815',
    good: '{"errcode":0,"errmsg":"ok"}',
    goodStatus: 200,
    async take(got) {
      const { msgtype, markdown, text } = json(got);
      if (msgtype === 'text') {
        check(bytes(text.content) <= 2048, '40058: text exceeds 2048 bytes');
        const named = [text.mentioned_list, text.mentioned_mobile_list].flat();
        return { ...readPlain([text.content]), mentions: named };
      }
      check(msgtype === 'markdown', '40008: invalid message type');
      check(bytes(markdown.content) <= 4096, '40058: markdown exceeds 4096 bytes');
      return readMarkdown(markdown.content);
    },
  },
  feishu: {
    receiver: (url) => ({ feishu: { url, secret: 'env:SECRET', at: { users: 'ou_1' } } }),
    query: '',
    good: '{"code":0,"msg":"success","data":{}}',
    goodStatus: 200,
    async take(got, now) {
      check(bytes(got.body) <= 20 * 1024, '9499: too long');
      const { timestamp, sign, msg_type, card } = json(got);
      check(/^\d{10}$/.test(timestamp), 'no seconds');
      check(Math.abs(now - Number(timestamp) * 1000) < HOUR_MS, '19021: timestamp');
      check(sign === (await hmac(`${timestamp}\n${SECRET}`, '')), '19021: sign');
      check(msg_type === 'interactive', '19002: msg_type');
      const texts = [card.header.title, ...card.elements.map(({ text }: { text: object }) => text)];
      const plain = texts.filter(({ tag }) => tag === 'plain_text');
      const marked = texts.filter(({ tag }) => tag === 'lark_md');
      check(plain.length + marked.length === texts.length, 'a tag of another kind');
      const mentions = marked.flatMap(({ content }) =>
        [...content.matchAll(/<at id=(\w+)><\/at>/g)].map(([, id = '']) => id),
      );
      check(
        marked.every(({ content }) => /^(?:<at id=\w+><\/at> ?)+$/.test(content)),
        'markup',
      );
      return { ...readPlain(plain.map(({ content }) => content)), mentions };
    },
  },
  slack: {
    receiver: (url) => ({ slack: { url } }),
    query: '',
    good: 'ok',
    goodStatus: 200,
    async take(got) {
      const { text, blocks } = json(got);
      check(typeof text === 'string' && text !== '', 'no_text');
      check(blocks.length <= 50, 'invalid_blocks: more than 50');
      check(bytes(got.body) <= 40_000, 'msg_too_long');
      const texts = blocks.map((block: { type: string; text: { type: string; text: string } }) => {
        check(block.text.type === 'plain_text', `markup in ${block.type}`);
        const most = block.type === 'header' ? 150 : 3000;
        check(block.text.text.length <= most && block.text.text !== '', 'invalid_blocks: length');
        return block.text.text;
      });
      const control = [text, ...texts].join('\n').match(/[<>]|&(?!(?:amp|lt|gt);)/);
      check(control === null, `not escaped: ${control?.[0]}`);
      const entities: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
      return readPlain(
        texts.map((each: string) => each.replace(/&\w+;/g, (e) => entities[e] ?? e)),
      );
    },
  },
  teams: {
    receiver: (url) => ({ teams: { url } }),
    query: '?api-version=1&sp=%2Frun&sig=planted-sig-of-teams-12345',
    good: '',
    goodStatus: 202,
    async take(got) {
      check(bytes(got.body) <= 28 * 1024, 'RequestEntityTooLarge');
      const { type, attachments } = json(got);
      check(type === 'message' && attachments.length === 1, 'no message with a card');
      const [{ contentType, content }] = attachments;
      check(contentType === 'application/vnd.microsoft.card.adaptive', 'contentType');
      check(content.type === 'AdaptiveCard' && content.version === '1.4', 'card');
      check(content.msteams.entities === undefined, 'a mention');
      const texts = content.body.map(
        (block: { type: string; inlines: { type: string; text: string }[] }) => {
          check(block.type === 'RichTextBlock', `${block.type} is read as Markdown`);
          check(
            block.inlines.every((run) => run.type === 'TextRun' && !('selectAction' in run)),
            'run',
          );
          return block.inlines.map((run) => run.text).join('');
        },
      );
      return readPlain(texts);
    },
  },
} as const satisfies Readonly<Record<string, Robot>>;

export type RobotKind = keyof typeof ROBOTS;
export const ROBOT_KINDS = Object.keys(ROBOTS) as readonly RobotKind[];
export const robotOf = (kind: RobotKind): Robot => ROBOTS[kind];

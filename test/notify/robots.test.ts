import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildReceivers } from '../../src/config/fleet/receivers.js';
import { asHostName } from '../../src/model/names.js';
import { LANGUAGES, type Language } from '../../src/model/runs/notices.js';
import { feishuAdapter } from '../../src/notify/adapters/feishu.js';
import { CHANNELS } from '../../src/notify/adapters.js';
import type { Verdict } from '../../src/notify/channel.js';
import { openReceiver, sendNext } from '../../src/notify/deliver/delivery.js';
import type { Letter, Notice } from '../../src/notify/notice.js';
import { temporaryFolder } from '../transport/support/ssh-server.js';
import type { ReadClient } from './support/clients.js';
import { type Answer, type Got, httpReceiver } from './support/http-receiver.js';
import { noticeOfRun, noticesOfRun } from './support/notices.js';
import { entryFor, outboxStage } from './support/outbox-stage.js';
import { ROBOT_KINDS, type RobotKind, robotOf, SECRET } from './support/robots.js';

const NOTICE = noticeOfRun(40, 'canary', 'rolled_back');
const { signal } = new AbortController();
const at = new Date();

/** Answers as the service does when it has taken a message. */
const good =
  (kind: RobotKind): Answer =>
  (response) =>
    void response.writeHead(robotOf(kind).goodStatus).end(robotOf(kind).good);

const answers =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(body);

async function opened(kind: RobotKind, url: string, extra: object = {}) {
  const written = robotOf(kind).receiver(`${url}${robotOf(kind).query}`);
  const own = { ...(written[kind] as object), ...extra };
  const [receiver] = buildReceivers([{ [kind]: own }] as never, '/');
  if (receiver === undefined) throw new Error('no receiver');
  return openReceiver(receiver, async (name) => (name === 'env:SECRET' ? SECRET : name));
}

/** Sends a letter over a real socket, and reads what came as the service and its client would. */
async function sent(
  kind: RobotKind,
  letter: Letter,
  language: Language = 'en',
  extra: object = {},
) {
  await using receiver = await httpReceiver(good(kind));
  const open = await opened(kind, receiver.url, extra);
  const context = { at, id: 'run.7', language, bastion: 'bastion-1' };
  expect(await open.send(letter, context, signal)).toEqual({ kind: 'sent' });
  const [got] = receiver.got;
  if (got === undefined) throw new Error('nothing came');
  return { got, read: await robotOf(kind).take(got, at.getTime()) };
}

const one = (notice: Notice): Letter => ({ kind: 'notice', notice });

/** The longest that a run can give: 10,000 failed hosts, of which a notice names 100. */
const crowd = (why: string): Notice => ({
  ...NOTICE,
  reason: why,
  failed: Array.from({ length: 100 }, (_, each) => ({
    host: asHostName(`web${String(each * 7).padStart(5, '0')}.example.com`),
    why: `${each} ${why}`,
  })),
  counts: { ...NOTICE.counts, hosts: 10_000, failed: 10_000 },
});

const NASTY = [
  '@all @所有人 <!channel> <!here> <@U024BE7LH> <@userid> <at id=all></at> <at user_id="all">x</at>',
  '@13800000000 [click](https://evil.example) <https://evil.example|click> https://evil.example www.evil.example',
  'mailto:a@b.example ![x](http://evil.example/x.png) `code` ```fence``` **bold** _em_ ~~gone~~ # head',
  '<font color="warning">red</font> <script>alert(1)</script> &lt;b&gt; | a | b | $x$ \\* \\[x\\](y)',
];

describe.each(ROBOT_KINDS)('%s', (kind) => {
  test('takes a message with signature, limits and body as its documents say, in each language', async () => {
    for (const language of LANGUAGES) {
      const { read } = await sent(kind, one(NOTICE), language);
      const text = read.text.replaceAll('\u200b', '');
      expect(text).toContain(language === 'zh' ? '主机已回滚' : 'its hosts are rolled back');
      expect(text).toContain('web01');
      expect(text).toContain(`fleet show ${NOTICE.run}`);
      expect(read).toMatchObject({ links: [], stray: [] });
    }
  });

  test('keeps every limit with 10,000 failed hosts, and counts those that it does not name', async () => {
    for (const why of [
      'probe: 503',
      '部署失败'.repeat(60),
      '<&>"\\'.repeat(80),
      '👩‍👩‍👧‍👦'.repeat(40),
    ]) {
      for (const language of LANGUAGES) {
        const { read } = await sent(kind, one(crowd(why)), language);
        const text = read.text.replaceAll('\u200b', '');
        expect(text).toMatch(language === 'zh' ? /另有 9\d{3} 台/ : /and 9\d{3} more/);
        expect(text).toContain(`fleet show ${NOTICE.run}`);
        expect(text).not.toContain('\ufffd');
      }
    }
  });

  test('keeps every limit with hundreds of notices that had to wait', async () => {
    const all = Array.from({ length: 300 }, () => noticesOfRun(40, 'canary')).flat();
    const [first, ...others] = all.map((each) => ({ ...each, app: '商店&<>'.repeat(20) }));
    if (first === undefined) throw new Error('none');
    await sent(kind, { kind: 'summary', notices: [first, ...others] }, 'zh');
  });

  test.each(NASTY)('makes no mention, link or markup of %s', async (why) => {
    const host = asHostName('web01');
    const failed = [{ host, why }];
    const { read } = await sent(
      kind,
      one({ ...NOTICE, reason: why, app: why, group: why, failed }),
      'zh',
      {
        at: undefined,
      },
    );
    expect(read).toMatchObject({ links: [], mentions: [], stray: [] });
  });

  test('makes no mention, link or markup of anything', async () => {
    await using receiver = await httpReceiver(good(kind));
    const open = await opened(kind, receiver.url, { at: undefined });
    const piece = fc.constantFrom(
      ...[
        '*',
        '_',
        '`',
        '[',
        ']',
        '(',
        ')',
        '<',
        '>',
        '#',
        '~',
        '|',
        '\\',
        '!',
        '&',
        '@',
        '$',
        '-',
      ],
      ...[
        '://',
        'http',
        'www.',
        'all',
        'x',
        ' ',
        '\n',
        '1. ',
        '+',
        '=',
        '<@',
        '<!',
        '<at ',
        'amp;',
        '\u200b',
      ],
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(text, async (why) => {
        const notice = {
          ...NOTICE,
          reason: why,
          app: why,
          failed: [{ host: asHostName('a_b'), why }],
        };
        const context = { at, id: 'x', language: 'en' as const, bastion: 'b' };
        await open.send(one(notice), context, signal);
        const got = receiver.got.at(-1) as Got;
        const { links, mentions, stray }: ReadClient = await robotOf(kind).take(got, at.getTime());
        expect({ links, mentions, stray }).toEqual({ links: [], mentions: [], stray: [] });
      }),
      { numRuns: 40 },
    );
  });

  test('shows of its URL no more than the host and four characters', async () => {
    const open = await opened(kind, 'https://robots.example/hook/planted-path-token');
    expect(open.place).toMatch(/^robots\.example\/….{4}$/);
  });

  test('says nothing of its URL if the service repeats it', async () => {
    await using receiver = await httpReceiver((response, got) => {
      const path = got.at(-1)?.path ?? '';
      const text = `no robot at ${path}`;
      response
        .writeHead(kind === 'slack' ? 404 : 200)
        .end(JSON.stringify({ errcode: 77, code: 77, errmsg: text, msg: text }));
    });
    const open = await opened(kind, receiver.url.replace('/hook', '/planted-path-token'));
    const verdict = await open.send(
      one(NOTICE),
      { at, id: 'x', language: 'en', bastion: 'b' },
      signal,
    );
    expect(JSON.stringify(verdict)).not.toContain('planted');
  });
});

const TOO_MANY = { kind: 'retry', isMuted: true } as const;
const REFUSED = { kind: 'refused' } as const;
const RETRY = { kind: 'retry' } as const;

describe('an answer', () => {
  test.each<[RobotKind, number, string, Partial<Verdict>]>([
    ['dingtalk', 200, '{"errcode":310000,"errmsg":"sign not match"}', REFUSED],
    ['dingtalk', 200, '{"errcode":310000,"errmsg":"keywords not in content"}', REFUSED],
    ['dingtalk', 200, '{"errcode":130101,"errmsg":"send too fast"}', TOO_MANY],
    ['dingtalk', 200, '{"errcode":410100,"errmsg":"speed limited"}', TOO_MANY],
    [
      'dingtalk',
      200,
      '{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"x"}',
      TOO_MANY,
    ],
    ['dingtalk', 403, '<html>{"status":1111,"punish":"deny"}</html>', TOO_MANY],
    ['dingtalk', 200, '{"errcode":-1,"errmsg":"system busy"}', RETRY],
    ['dingtalk', 200, '<html>a page of a proxy</html>', RETRY],
    ['dingtalk', 200, '{"errcode":400102,"errmsg":"stopped"}', REFUSED],
    ['wecom', 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', TOO_MANY],
    ['wecom', 200, '{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}', REFUSED],
    ['wecom', 200, '{"errcode":93000,"errmsg":"invalid webhook url"}', REFUSED],
    ['wecom', 200, '{"errcode":-1,"errmsg":"system busy"}', RETRY],
    ['wecom', 200, '{"errcode":99999,"errmsg":"new"}', REFUSED],
    ['feishu', 200, '{"code":19021,"msg":"sign match fail"}', REFUSED],
    ['feishu', 200, '{"code":19022,"msg":"Ip Not Allowed"}', REFUSED],
    ['feishu', 200, '{"code":19024,"msg":"Key Words Not Found"}', REFUSED],
    ['feishu', 400, '{"code":9499,"msg":"Bad Request","data":{}}', REFUSED],
    ['feishu', 200, '{"code":9499,"msg":"Bad Request","data":{}}', REFUSED],
    ['feishu', 200, '{"code":11232,"msg":"frequency limited"}', TOO_MANY],
    ['feishu', 429, '', RETRY],
    ['slack', 403, 'invalid_token', REFUSED],
    ['slack', 404, 'no_service', REFUSED],
    ['slack', 410, 'channel_is_archived', REFUSED],
    ['slack', 400, 'invalid_blocks', REFUSED],
    ['slack', 500, 'rollup_error', RETRY],
    ['slack', 200, '<html>a page of a proxy</html>', RETRY],
    ['teams', 404, '{"error":{"code":"WorkflowNotFound"}}', REFUSED],
    ['teams', 401, '', REFUSED],
    ['teams', 502, '', RETRY],
    ['teams', 429, '', RETRY],
  ])('of %s with %i and %s is judged', async (kind, status, body, verdict) => {
    await using receiver = await httpReceiver(answers(status, body));
    const open = await opened(kind, receiver.url);
    const context = { at, id: 'x', language: 'en' as const, bastion: 'b' };
    const found = await open.send(one(NOTICE), context, signal);
    expect(found).toMatchObject(verdict);
    expect(found.kind === 'retry' && found.isMuted === true).toBe('isMuted' in verdict);
  });

  test.each(['slack', 'teams'] as const)('of %s says how long to wait', async (kind) => {
    await using receiver = await httpReceiver(answers(429, '', { 'retry-after': '30' }));
    const open = await opened(kind, receiver.url);
    const context = { at, id: 'x', language: 'en' as const, bastion: 'b' };
    expect(await open.send(one(NOTICE), context, signal)).toMatchObject({ afterMs: 30_000 });
  });
});

describe.each(['dingtalk', 'wecom', 'feishu'] as const)('%s, once it takes nothing', (kind) => {
  const TOO_FAST = {
    dingtalk: '{"errcode":130101}',
    wecom: '{"errcode":45009}',
    feishu: '{"code":11232}',
  };

  test('gets nothing for its mute time, then one letter with all that waited', async () => {
    await using receiver = await httpReceiver(answers(200, TOO_FAST[kind]));
    const clock = { ms: Date.now() };
    const stage = outboxStage(
      temporaryFolder(),
      [robotOf(kind).receiver(`${receiver.url}${robotOf(kind).query}`)],
      { now: () => new Date(clock.ms), secrets: { 'env:SECRET': SECRET } },
    );
    const [first] = stage.receivers.all;
    if (first === undefined) throw new Error('no receiver');
    for (const notice of noticesOfRun(40, 'canary')) {
      stage.outbox.add(entryFor(first, notice, stage.deps.now()), stage.deps.now());
    }
    const next = () => sendNext(stage.deps, first.key, { signal, atOnce: true });
    const { muteMs } = CHANNELS[kind].limits;
    expect(await next()).toMatchObject({ kind: 'waits', ms: muteMs });
    receiver.answer(good(kind));
    clock.ms += muteMs - 1000;
    expect(await next()).toMatchObject({ kind: 'waits' });
    expect(receiver.got).toHaveLength(1);
    clock.ms += 1001;
    expect(await next()).toMatchObject({ kind: 'moved' });
    expect(await next()).toEqual({ kind: 'empty' });
    expect(receiver.got).toHaveLength(2);
    const read = await robotOf(kind).take(receiver.got[1] as Got, clock.ms);
    expect(read.text).toContain('shop: 3 notices had to wait');
    expect(stage.log.map(({ entry }) => entry.notices.length)).toEqual([3]);
  });

  test('is sent to at most as often as it takes', async () => {
    await using receiver = await httpReceiver(good(kind));
    const written = robotOf(kind).receiver(`${receiver.url}${robotOf(kind).query}`);
    const now = new Date();
    const stage = outboxStage(temporaryFolder(), [written], {
      now: () => now,
      secrets: { 'env:SECRET': SECRET },
    });
    const [first] = stage.receivers.all;
    if (first === undefined) throw new Error('no receiver');
    for (let each = 0; each < 30; each += 1) {
      stage.outbox.add(entryFor(first, { ...NOTICE, seq: each }, now), now);
    }
    while ((await sendNext(stage.deps, first.key, { signal, atOnce: true })).kind === 'moved');
    expect(receiver.got).toHaveLength(kind === 'feishu' ? 5 : 18);
  });
});

describe('people', () => {
  test.each<[RobotKind, object, readonly string[]]>([
    ['dingtalk', { mobiles: '13800000000', users: ['ann'] }, ['13800000000', 'ann']],
    ['dingtalk', { all: true }, ['all']],
    [
      'wecom',
      { mobiles: ['13800000000'], users: 'ann', all: true },
      ['ann', '@all', '13800000000'],
    ],
    ['feishu', { users: ['ou_1', 'ou_2'], all: true }, ['ou_1', 'ou_2', 'all']],
  ])(
    'of %s are mentioned as fleet.yaml says, if a person has to look',
    async (kind, people, named) => {
      const bad = await sent(kind, one(NOTICE), 'zh', { at: people });
      expect(bad.read.mentions).toEqual(named);
      for (const notice of [
        noticeOfRun(4, 'success', 'start'),
        noticeOfRun(4, 'success', 'ended'),
      ]) {
        const fine = await sent(kind, one(notice), 'zh', { at: people });
        expect(fine.read.mentions).toEqual([]);
      }
    },
  );

  test('of wecom are mentioned within 2048 bytes, whatever failed', async () => {
    const long = one(crowd('部署失败'.repeat(60)));
    expect((await sent('wecom', long, 'zh', { at: { all: true } })).read.mentions).toEqual([
      '@all',
    ]);
  });
});

test.each(['dingtalk', 'feishu'] as const)(
  '%s gets the keyword of its robot if the text lacks it',
  async (kind) => {
    const lacks = await sent(kind, one(NOTICE), 'en', { keyword: '监控' });
    expect(lacks.got.body).toContain('监控');
    const has = await sent(kind, one(NOTICE), 'en', { keyword: 'rolled back' });
    expect(has.got.body.match(/\brolled back$/gm) ?? []).toEqual([]);
  },
);

test('Feishu is signed as openssl does it, with an empty text', () => {
  // printf '' | openssl dgst -sha256 -mac hmac -macopt hexkey:HEX_OF_KEY -binary | base64
  const target = { url: 'https://open.feishu.cn/x', secret: 'demo', keyword: null, mentions: [] };
  const when = new Date(1_599_360_473_000);
  const context = { at: when, id: 'x', language: 'en' as const, bastion: 'b' };
  const { timestamp, sign } = JSON.parse(feishuAdapter.render(one(NOTICE), target, context).body);
  expect([timestamp, sign]).toEqual(['1599360473', 'l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=']);
});

test.each<[RobotKind, string, string]>([
  ['dingtalk', 'https://oapi.dingtalk.com/robot/send', 'it has no access_token='],
  ['wecom', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=', 'it has no key='],
  ['teams', 'https://prod-1.logic.azure.com/workflows/1', 'it has no sig='],
  ['teams', 'https://x.webhook.office.com/webhookb2/1?sig=1', 'webhook.office.com) are gone'],
  ['slack', 'http://hooks.slack.com/services/1', 'it is not https'],
  ['feishu', 'open.feishu.cn/open-apis/bot/v2/hook/1', 'it is no URL'],
])('%s refuses the URL %s', async (kind, url, why) => {
  const [receiver] = buildReceivers([{ [kind]: { url: 'env:URL', ip_list: true } }] as never, '/');
  if (receiver === undefined) throw new Error('no receiver');
  await expect(openReceiver(receiver, async () => url)).rejects.toThrow(why);
  await expect(openReceiver(receiver, async () => url)).rejects.not.toThrow(url);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/errors/codes.js';
import { CALL_BYTES } from '../../src/host/channel/call-end.js';
import { judgeExec } from '../../src/host/judge.js';
import { loadHostProgram } from '../../src/host/program.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { NEEDED_TOOLS, USEFUL_TOOLS } from '../../src/host/reply/asked.js';
import { REPLY_CODES } from '../../src/host/reply/reply-codes.js';
import { createTranscript } from '../../src/host/reply/transcript.js';
import { factsStep, statusStep } from '../../src/host/steps/steps.js';
import type { Service } from '../../src/model/runs/app.js';

const SERVICE: Service = { units: ['shop.service'], action: 'restart', scope: 'system' };
const SHARED = [
  { path: '.env', kind: 'file' },
  { path: 'log', kind: 'folder' },
] as const;
const FACTS = factsStep(SERVICE, SHARED, { releases: true, tiers: true, doctor: true });
const OK = '{"verb":"facts","ok":true,"phase":"idle"}';
const ESC = '\x1b]52;c;AAAA\x07';

const STATE = {
  event: 'state',
  phase: 'idle',
  epoch: 4,
  run: '20261123T164154Z-1a2b',
  owner: 'ada@bastion',
  txn: '20261123T164154Z-1a2b.4.0',
  from: null,
  to: '20261123T163000Z-1a2b3c4',
  current: { kind: 'link', release: '20261123T163000Z-1a2b3c4' },
  bootId: 'c0ffee00-0000-4000-8000-000000000000',
  lease: 12,
  switch: 'system',
  deadline: -3,
};
const HOST = {
  event: 'host',
  user: 'deploy',
  uid: 1000,
  machineId: 'f'.repeat(32),
  rootPath: '/opt/shop',
  session: '71:90210',
  now: 1_800_000_000,
  root: 'ok',
  freeBytes: 10 ** 12,
  missingTools: ['tar'],
  tools: ['bash'],
  sudo: 'ok',
  deadMan: ['system'],
  guard: true,
  missingRights: ['systemctl restart shop.service'],
  missingShared: ['.env'],
};
const UNIT = {
  event: 'unit',
  unit: 'shop.service',
  load: 'loaded',
  active: 'active',
  sub: 'running',
  type: 'simple',
  mainPid: 4711,
  invocation: 'a'.repeat(32),
  restarts: 0,
  serving: '20261123T163000Z-1a2b3c4',
  servingBy: 'record',
  pending: false,
  restarted: false,
};
const UNREAD = { event: 'unread', what: 'units', why: 'Failed to connect to bus' };
const RELEASE = {
  event: 'release',
  id: '20261123T163000Z-1a2b3c4',
  standing: 'healthy',
  since: '2026-11-23T16:30:00Z',
  complete: true,
  meta: {
    id: '20261123T163000Z-1a2b3c4',
    version: 'v1.2',
    commit: '1a2b3c4d'.repeat(5),
    digest: `sha256:${'0'.repeat(64)}`,
    app: 'shop',
    run: '20261123T164154Z-1a2b',
    deployer: `O'Neil "x" $(id) \\ Jörg`,
    deployedAt: '2026-11-23T16:30:00.000Z',
  },
};

/** What comes of a call in which a host has said these lines. */
function judge(steps: readonly Step[], lines: readonly (object | string)[]) {
  const transcript = createTranscript(steps);
  for (const line of lines) transcript.read(typeof line === 'string' ? line : JSON.stringify(line));
  return judgeExec(steps, { kind: 'exited', code: 0, stderr: '' }, transcript);
}

/** The event with another value in one of its fields, which may be a path. */
function withField(event: object, path: string, value: unknown): object {
  const [key = '', ...rest] = path.split('.');
  const inner = Object.entries(event).find(([name]) => name === key)?.[1];
  return { ...event, [key]: rest.length === 0 ? value : withField(inner, rest.join('.'), value) };
}

const BAD_NAMES = [
  '../../../../tmp/planted',
  'a..b',
  '.hidden',
  '-rf',
  'a b',
  'a\u0000b',
  'a\n',
  '',
  'x'.repeat(129),
  'ü',
  ESC,
  7,
  {},
];
const BAD_IDS = ['x'.repeat(33), '$(id)', 'a b', ESC, 5];
const BAD_WORDS = ['Active', 'a b', 'a\n', 'x'.repeat(65), ESC, null];

const HOSTILE: readonly (readonly [event: object, field: string, values: readonly unknown[]])[] = [
  [STATE, 'phase', ['gone', 'IDLE', '', null, ESC]],
  [STATE, 'epoch', [-1, 0.5, 999_999_999_999_998, '4', null, 10 ** 15]],
  [STATE, 'run', BAD_NAMES],
  [STATE, 'txn', BAD_NAMES],
  [STATE, 'from', BAD_NAMES],
  [STATE, 'to', BAD_NAMES],
  [STATE, 'current.release', BAD_NAMES],
  [STATE, 'left', BAD_NAMES],
  [STATE, 'current.kind', ['elsewhere', null, ESC]],
  [STATE, 'owner', [7, {}]],
  [STATE, 'bootId', [...BAD_IDS, 'c0ffee00']],
  [STATE, 'lease', ['1', 1.5, 10 ** 12]],
  [STATE, 'deadline', ['1', -(10 ** 12)]],
  [STATE, 'switch', ['sometimes', ESC, 3]],
  [
    HOST,
    'user',
    ['root:x', '-u', 'a b', '', ESC, 'a\u202eb', 'a\nALL=(ALL) ALL', 'x'.repeat(257), 0],
  ],
  [HOST, 'uid', [-1, 2 ** 32, '0']],
  [HOST, 'machineId', BAD_IDS],
  [
    HOST,
    'rootPath',
    ['opt/shop', '../x', '/opt\n/shop', `/opt/${ESC}`, '/opt/\u202e', `/${'x'.repeat(4096)}`],
  ],
  [HOST, 'session', ['1', '1:', ':1', '-1:2', '1:2 3', ESC, null]],
  [HOST, 'now', [-1, 'now', 10 ** 15]],
  [HOST, 'root', ['broken', ESC]],
  [HOST, 'freeBytes', [-1, 2 ** 60, '1']],
  [HOST, 'missingTools', ['tar', ['/bin/sh -c id'], [ESC], Array(30).fill('tar')]],
  [HOST, 'tools', [['perl'], [7]]],
  [HOST, 'sudo', ['sure', ESC]],
  [HOST, 'deadMan', [['cron'], Array(4).fill('system')]],
  [
    HOST,
    'missingRights',
    [['/usr/bin/env'], ['systemctl restart ssh.service'], ['systemctl restart shop.service; id']],
  ],
  [HOST, 'missingShared', [['.env2'], ['log'], ['../../etc/passwd']]],
  [UNIT, 'unit', ['ssh.service', '--user', 'a b', ESC, '']],
  [UNIT, 'load', BAD_WORDS],
  [UNIT, 'active', BAD_WORDS],
  [UNIT, 'sub', BAD_WORDS],
  [UNIT, 'type', BAD_WORDS],
  [UNIT, 'mainPid', [-1, 2 ** 31, '1']],
  [UNIT, 'invocation', BAD_IDS],
  [UNIT, 'restarts', [-1, 2 ** 32]],
  [UNIT, 'serving', BAD_NAMES],
  [UNIT, 'servingBy', ['hearsay', ESC, 1]],
  [UNIT, 'pending', ['true', null, 1]],
  [UNIT, 'restarted', ['true', null, 1]],
  [UNREAD, 'what', ['lies', ESC, null]],
];

const DAMAGED: readonly (readonly [field: string, values: readonly unknown[]])[] = [
  ['id', BAD_NAMES],
  ['standing', ['great', ESC]],
  [
    'since',
    ['yesterday', '2026-13-01T00:00:00Z', '2026-11-23 16:30', `2026-11-23T16:30:00Z${ESC}`, 0],
  ],
  ['complete', ['yes', null]],
  ['meta.id', [...BAD_NAMES, '20261123T163000Z-ffffff0']],
  ['meta.version', [null, 7]],
  ['meta.commit', ['xyz1234', '1a2b3c', 'A'.repeat(40), 'a'.repeat(65), ESC, '']],
  ['meta.digest', ['sha256:00', `sha1:${'0'.repeat(40)}`, `sha256:${'0'.repeat(64)}\n`, ESC, '']],
  ['meta.run', BAD_NAMES],
  ['meta.deployer', [null, {}]],
  ['meta.deployedAt', ['1970', '', ESC]],
];

describe('what a host says', () => {
  test('is believed where it is as it should be', () => {
    const outcome = judge([FACTS], [STATE, HOST, UNIT, RELEASE, OK]);
    expect(outcome).toMatchObject({ kind: 'ok', events: [STATE, HOST, UNIT, RELEASE] });
  });

  const refusals = HOSTILE.flatMap(([event, field, values]) =>
    values.map((value) => [`${Object.values(event)[0]}.${field}`, value, event, field] as const),
  );
  test.each(refusals)('is refused where %s is %j, by that name', (name, value, event, field) => {
    const others = [STATE, HOST, UNIT].filter((each) => each !== event);
    const outcome = judge([FACTS], [withField(event, field, value), ...others, OK]);
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'bad_reply' }, events: [] });
    const message = outcome.kind === 'failed' ? outcome.failure.message : '';
    expect(message).toContain(name);
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(message.length).toBeLessThan(300);
  });

  const markers = DAMAGED.flatMap(([field, values]) =>
    values.map((value) => [field, value] as const),
  );
  test.each(markers)(
    'is ignored for a release whose %s is %j, and all the rest is used',
    (field, value) => {
      const other = withField(withField(RELEASE, 'id', 'r2'), 'meta.id', 'r2');
      const outcome = judge(
        [FACTS],
        [STATE, HOST, UNIT, withField(RELEASE, field, value), other, OK],
      );
      expect(outcome.kind).toBe('ok');
      const [note, ...more] = outcome.events.filter((event) => event.event === 'note');
      expect(more).toEqual([]);
      expect(note?.message).toContain(`release.${field}`);
      expect(note?.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      const releases = outcome.events.filter((event) => event.event === 'release');
      expect(releases.map(({ id }) => id)).toEqual(['r2']);
    },
  );

  test('fits into one call with 2,000 releases, each with long names', () => {
    const lines = Array.from({ length: 2_000 }, (_, n) => {
      const id = `20261123T163000Z-${String(n).padStart(7, '0')}`;
      const meta = { ...RELEASE.meta, id, version: 'v'.repeat(64), deployer: 'd'.repeat(64) };
      return JSON.stringify({ ...RELEASE, id, meta });
    });
    expect(lines.join('\n').length).toBeLessThan(CALL_BYTES / 3);
    const { events } = judge([FACTS], [STATE, HOST, UNIT, ...lines, OK]);
    expect(events.filter(({ event }) => event === 'release')).toHaveLength(2_000);
  });

  test('is refused with more damaged markers than a disk could have', () => {
    const lines = Array.from({ length: 201 }, () => ({ ...RELEASE, since: '' }));
    expect(judge([FACTS], [STATE, HOST, UNIT, ...lines, OK])).toMatchObject({ kind: 'failed' });
  });

  test('is refused where it was not asked', () => {
    const quiet = factsStep(SERVICE, [], { releases: false });
    const linked = { event: 'linked', release: 'r1' };
    const lies: readonly (readonly [readonly Step[], readonly (object | string)[]])[] = [
      [[FACTS], [STATE, STATE, HOST, OK]],
      [[FACTS], [STATE, HOST, HOST, OK]],
      [[FACTS], [STATE, HOST, UNIT, UNIT, OK]],
      [[FACTS], [STATE, HOST, RELEASE, RELEASE, OK]],
      [[FACTS], [STATE, HOST, linked, OK]],
      [[FACTS], [STATE, HOST, { event: 'probe', healthy: true, reason: '' }, OK]],
      [[FACTS], [STATE, HOST, { event: 'guard_unit', path: '/x', lines: [] }, OK]],
      [[FACTS], [STATE, HOST, OK, UNIT]],
      [[FACTS], [STATE, HOST, OK, OK]],
      [
        [quiet],
        [STATE, { ...HOST, deadMan: [], missingRights: [], missingShared: [] }, RELEASE, OK],
      ],
      [[quiet], [STATE, { ...HOST, missingRights: [], missingShared: [] }, OK]],
      [[quiet], [STATE, { ...HOST, deadMan: [], missingShared: [] }, OK]],
      [[quiet], [STATE, { ...HOST, deadMan: [], missingRights: [] }, OK]],
      [[statusStep(SERVICE)], [STATE, HOST, '{"verb":"status","ok":true,"phase":"idle"}']],
      [
        [statusStep({ ...SERVICE, units: [] })],
        [STATE, UNIT, '{"verb":"status","ok":true,"phase":"idle"}'],
      ],
    ];
    for (const [steps, lines] of lies) {
      const outcome = judge(steps, lines);
      expect(outcome, JSON.stringify(lines)).toMatchObject({
        kind: 'failed',
        failure: { code: 'bad_reply' },
        events: [],
      });
    }
  });

  test('has every text for people in one short line, which still says what it said', () => {
    const nasty = `O'Neil "x" $(id) Jörg ${ESC}\x9b31m\u202e\u200b\u061c\u2028\u2066\u{e0041}${'x'.repeat(9_000)}`;
    const meta = { ...RELEASE.meta, version: nasty, deployer: nasty };
    const foreign = { ...STATE, owner: nasty, current: { kind: 'foreign', what: nasty } };
    const { events } = judge([FACTS], [foreign, HOST, UNIT, { ...RELEASE, meta }, OK]);
    expect(events).toHaveLength(4);
    expect(JSON.stringify(events)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(JSON.stringify(events).length).toBeLessThan(6_000);
    expect(events[0]).toMatchObject({ owner: expect.stringContaining(`O'Neil "x" $(id) Jörg x`) });
  });

  const json = fc.jsonValue({ maxDepth: 2 });
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  test('is never raw and never an error, whatever is in any field', () => {
    const places = [...HOSTILE, ...DAMAGED.map(([field]) => [RELEASE, field, []] as const)];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.oneof(json, text), ([event, field], value) => {
        const others = [STATE, HOST, UNIT].filter((each) => each !== event);
        const outcome = judge([FACTS], [withField(event, field, value), ...others, OK]);
        expect(JSON.stringify(outcome)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect({} as object).not.toHaveProperty('polluted');
      }),
      { numRuns: 3_000 },
    );
  });

  test('is never an error where its line is anything at all', () => {
    const start = fc.constantFrom('{"event":', '{"verb":', '{"event":"release"', '|journal|', '');
    fc.assert(
      fc.property(start, text, json, (head, tail, value) => {
        judge(
          [FACTS],
          [head + tail, head + JSON.stringify(value), `${head}${JSON.stringify(value)}}`],
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the codes that a host may give', () => {
  const program = loadHostProgram().text;

  test('are those of the host program, and all of them', () => {
    const given = [
      ...program.matchAll(
        /(?:\bfail(?:_as|_with_journal)?|\bgive_up_(?:stage|spool)|\bfail_backup|\b[A-Z]+_CODE=) ?([a-z]+_?[a-z_]*)/g,
      ),
    ].map(([, code]) => code ?? '');
    const spoken = given.filter((code) => Object.hasOwn(ERROR_CODES, code));
    const told = [...new Set([...spoken, 'wrong_phase'])].sort();
    expect(told).toEqual([...REPLY_CODES].sort());
  });

  test.each(['interrupted', 'internal', 'lease_lost', 'unreachable', 'confirmation_required'])(
    '%s is none of them',
    (code) => {
      const reply = { verb: 'claim', ok: false, phase: 'idle', code, message: 'x' };
      const outcome = judge([{ verb: 'claim', args: [] }], [reply]);
      expect(outcome).toMatchObject({
        kind: 'failed',
        failure: { code: 'bad_reply', message: expect.stringContaining('reply.code') },
      });
    },
  );

  test.each(['locked', 'fenced', 'host_down'])('%s is none of a step that only reads', (code) => {
    const reply = { verb: 'facts', ok: false, phase: 'idle', code, message: 'x' };
    expect(judge([FACTS], [reply])).toMatchObject({ failure: { code: 'bad_reply' } });
  });
});

test('the tools that facts may name are those that the host program asks about', () => {
  const folder = join(import.meta.dirname, '../../src/host/program');
  const name =
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((each) =>
      each.endsWith('host-facts.sh'),
    ) ?? '';
  const facts = readFileSync(join(folder, name), 'utf8').replaceAll('\\\n', ' ');
  const after = (word: string): readonly string[] =>
    new RegExp(`^  ${word} (.*)$`, 'm').exec(facts)?.[1]?.trim().split(/\s+/) ?? [];
  expect(after('lacking')).toEqual(NEEDED_TOOLS);
  expect(after('having')).toEqual(USEFUL_TOOLS);
});

import { judgeExec } from '../../../src/host/judge.js';
import type { Step } from '../../../src/host/protocol/protocol.js';
import { createTranscript } from '../../../src/host/reply/transcript.js';
import { factsStep } from '../../../src/host/steps/steps.js';
import type { Service } from '../../../src/model/runs/app.js';

export const SERVICE: Service = { units: ['shop.service'], action: 'restart', scope: 'system' };
const SHARED = [
  { path: '.env', kind: 'file' },
  { path: 'log', kind: 'folder' },
] as const;
export const FACTS = factsStep(SERVICE, SHARED, { releases: true, tiers: true, doctor: true });
export const OK = '{"verb":"facts","ok":true,"phase":"idle"}';
export const ESC = '\x1b]52;c;AAAA\x07';

export const STATE = {
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
export const HOST = {
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
export const UNIT = {
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
export const RELEASE = {
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
export function judge(steps: readonly Step[], lines: readonly (object | string)[]) {
  const transcript = createTranscript(steps);
  for (const line of lines) transcript.read(typeof line === 'string' ? line : JSON.stringify(line));
  return judgeExec(steps, { kind: 'exited', code: 0, stderr: '' }, transcript);
}

/** The event with another value in one of its fields, which may be a path. */
export function withField(event: object, path: string, value: unknown): object {
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

export const HOSTILE: readonly (readonly [
  event: object,
  field: string,
  values: readonly unknown[],
])[] = [
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

export const DAMAGED: readonly (readonly [field: string, values: readonly unknown[]])[] = [
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

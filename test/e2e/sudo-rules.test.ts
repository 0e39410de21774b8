import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { timerSudoers } from '../../src/engine/preflight/sudoers.js';
import { ensureSudoImage } from '../real/support/sudo-image.js';
import { SudoJudge } from '../real/support/sudo-judge.js';
import { commandsOf } from '../security/support/sudo-cuts.js';

const made = timerSudoers('deploy', '/opt/shop');
const TIMER = made.kind === 'line' ? made.line : '';
const [timer = []] = commandsOf(TIMER);

const COMMANDS = [
  ['systemctl', 'restart', 'shop.service'],
  ['systemctl', 'stop', 'shop.service'],
  ['systemctl', 'stop', 'shop@a:b.service'],
  timer,
] as const;

const LINE = 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl restart shop.service';
const ALL = 'deploy ALL=(ALL) ALL';
const FREE = 'deploy ALL=(ALL) NOPASSWD: ALL';

/** Lines of sudoers, and what has to be known of the first command where they are read. */
const CASES: readonly {
  readonly name: string;
  readonly lines: readonly string[];
  readonly first?: string;
}[] = [
  { name: 'nothing', lines: [] },
  { name: 'all without a password', lines: [FREE], first: 'yes' },
  { name: 'the line alone', lines: [LINE], first: 'yes' },
  { name: 'a password for all, then the line', lines: [ALL, LINE], first: 'yes' },
  { name: 'the line, then a password for all', lines: [LINE, ALL], first: 'overruled' },
  {
    name: 'a password for all, none for something else',
    lines: [ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
    first: 'password',
  },
  {
    name: 'a password for one unit in the middle',
    lines: [FREE, `${LINE.replace('NO', '')}`],
    first: 'overruled',
  },
  { name: 'the timer as well', lines: [ALL, LINE, TIMER], first: 'yes' },
  {
    name: 'a rule for another user',
    lines: ['deploy ALL=(www-data) NOPASSWD: ALL', 'deploy ALL=(:adm) NOPASSWD: ALL'],
    first: 'denied',
  },
  { name: 'a group of users', lines: ['deploy ALL=(%root) NOPASSWD: ALL'] },
  { name: 'all but root', lines: ['deploy ALL=(ALL, !root) NOPASSWD: ALL'] },
  {
    name: 'an exception',
    lines: [FREE, 'deploy ALL=(ALL) !/usr/bin/systemctl'],
    first: 'overruled',
  },
  {
    name: 'wildcards',
    lines: [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl * shop.service'],
  },
  {
    name: 'wildcards of units',
    lines: [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl stop shop@?\\:b.service'],
  },
  { name: 'a folder', lines: [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/'] },
  { name: 'names in a folder', lines: [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/sys*'] },
  {
    name: 'any arguments',
    lines: [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl'],
    first: 'yes',
  },
  {
    name: 'no arguments',
    lines: [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl ""'],
    first: 'password',
  },
  {
    name: 'an alias',
    lines: [
      'Cmnd_Alias SHOP = /usr/bin/systemctl restart shop.service',
      ALL,
      'deploy ALL=(root) NOPASSWD: SHOP',
    ],
    first: 'yes',
  },
  {
    name: 'a digest',
    lines: [ALL, `deploy ALL=(root) NOPASSWD: sha256:${'0'.repeat(64)} /usr/bin/systemctl`],
  },
  {
    name: 'an expression',
    lines: [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl ^(restart|stop) [a-z.]+$'],
  },
  { name: 'no authentication at all', lines: ['Defaults !authenticate', 'deploy ALL=(root) ALL'] },
  { name: 'none but for this', lines: ['Defaults !authenticate', FREE, LINE.replace('NO', '')] },
  { name: 'settings of one command', lines: ['Defaults!/usr/bin/systemctl authenticate', LINE] },
  {
    name: 'settings of one command, the other way',
    lines: ['Defaults!/usr/bin/systemctl !authenticate', ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
  },
  {
    name: 'settings of who runs it',
    lines: ['Defaults>root !authenticate', ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
  },
  { name: 'a terminal', lines: ['Defaults requiretty', LINE] },
  {
    name: 'a terminal for others',
    lines: ['Defaults requiretty', 'Defaults:deploy !requiretty', LINE],
    first: 'yes',
  },
  { name: 'a password to list', lines: ['Defaults listpw=always', LINE] },
  { name: 'no password to list', lines: ['Defaults listpw=never', ALL], first: 'password' },
  {
    name: 'no password to verify',
    lines: ['Defaults verifypw=never', ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
    first: 'password',
  },
  { name: 'a path without systemctl', lines: ['Defaults secure_path=/usr/sbin', LINE] },
  {
    name: 'a path of the login',
    lines: ['Defaults:deploy secure_path="/usr/sbin:/usr/bin"', LINE],
    first: 'yes',
  },
  { name: 'another path first', lines: ['Defaults secure_path=/bin:/usr/bin', LINE], first: 'yes' },
  { name: 'a group that is exempt', lines: ['Defaults exempt_group=deploy', ALL] },
];

// All at once: each takes half a minute where it is not there yet.
beforeAll(async () => {
  await Promise.all((['bullseye', 'trixie', 'forky'] as const).map(ensureSudoImage));
}, 600_000);

describe.each([
  { suite: 'bullseye', kind: 'sudo' },
  { suite: 'here', kind: 'sudo' },
  { suite: 'trixie', kind: 'sudo-rs' },
  { suite: 'forky', kind: 'sudo' },
  { suite: 'forky', kind: 'sudo-rs' },
] as const)('rights that are read of $kind of $suite', ({ suite, kind }) => {
  let judge: SudoJudge;
  beforeAll(async () => {
    judge = await SudoJudge.open(suite, kind);
  }, 600_000);
  afterAll(() => judge?.close());

  test.each(CASES)('with $name, are what it lets pass', async ({ lines, first }) => {
    judge.sudoers(lines);
    const started = new Set((await judge.startAll(COMMANDS)).map(({ words }) => words));
    const rights = await judge.rights(COMMANDS);
    expect(rights).toHaveLength(COMMANDS.length);
    const known = COMMANDS.flatMap((words, at) => {
      const right = rights[at] ?? '';
      return OPEN.has(right) ? [] : [[words.join(' '), right === 'yes', started.has(words)]];
    });
    expect(known.filter(([, judged, passed]) => judged !== passed)).toEqual([]);
    // Sudo-rs shows less of its rules.
    if (first !== undefined && (kind === 'sudo' || !OPEN.has(rights[0] ?? ''))) {
      expect(rights[0]).toBe(first);
    }
  });

  test('do not count what a user other than root would run', async () => {
    judge.sudoers(['Defaults runas_default=www-data', FREE]);
    const [first] = await judge.rights(COMMANDS);
    // Sudo-rs has no such setting.
    expect(first).toBe(kind === 'sudo' ? 'unknown' : 'yes');
  });
});

const OPEN: ReadonlySet<string> = new Set(['unknown', 'unlisted']);

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { timerSudoers } from '../../src/engine/sudoers.js';
import { ensureSudoImage } from '../lab/sudo-image.js';
import { SudoJudge } from '../lab/sudo-judge.js';
import { commandsOf } from '../security/sudo-cuts.js';

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
const CASES: readonly (readonly [string, readonly string[], string?])[] = [
  ['nothing', []],
  ['all without a password', [FREE], 'yes'],
  ['the line alone', [LINE], 'yes'],
  ['a password for all, then the line', [ALL, LINE], 'yes'],
  ['the line, then a password for all', [LINE, ALL], 'overruled'],
  [
    'a password for all, none for something else',
    [ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
    'password',
  ],
  ['a password for one unit in the middle', [FREE, `${LINE.replace('NO', '')}`], 'overruled'],
  ['the timer as well', [ALL, LINE, TIMER], 'yes'],
  [
    'a rule for another user',
    ['deploy ALL=(www-data) NOPASSWD: ALL', 'deploy ALL=(:adm) NOPASSWD: ALL'],
    'denied',
  ],
  ['a group of users', ['deploy ALL=(%root) NOPASSWD: ALL']],
  ['all but root', ['deploy ALL=(ALL, !root) NOPASSWD: ALL']],
  ['an exception', [FREE, 'deploy ALL=(ALL) !/usr/bin/systemctl'], 'overruled'],
  ['wildcards', [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl * shop.service']],
  [
    'wildcards of units',
    [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl stop shop@?\\:b.service'],
  ],
  ['a folder', [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/']],
  ['names in a folder', [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/sys*']],
  ['any arguments', [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl'], 'yes'],
  ['no arguments', [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl ""'], 'password'],
  [
    'an alias',
    [
      'Cmnd_Alias SHOP = /usr/bin/systemctl restart shop.service',
      ALL,
      'deploy ALL=(root) NOPASSWD: SHOP',
    ],
    'yes',
  ],
  ['a digest', [ALL, `deploy ALL=(root) NOPASSWD: sha256:${'0'.repeat(64)} /usr/bin/systemctl`]],
  [
    'an expression',
    [ALL, 'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl ^(restart|stop) [a-z.]+$'],
  ],
  ['no authentication at all', ['Defaults !authenticate', 'deploy ALL=(root) ALL']],
  ['none but for this', ['Defaults !authenticate', FREE, LINE.replace('NO', '')]],
  ['settings of one command', ['Defaults!/usr/bin/systemctl authenticate', LINE]],
  [
    'settings of one command, the other way',
    ['Defaults!/usr/bin/systemctl !authenticate', ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
  ],
  [
    'settings of who runs it',
    ['Defaults>root !authenticate', ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
  ],
  ['a terminal', ['Defaults requiretty', LINE]],
  ['a terminal for others', ['Defaults requiretty', 'Defaults:deploy !requiretty', LINE], 'yes'],
  ['a password to list', ['Defaults listpw=always', LINE]],
  ['no password to list', ['Defaults listpw=never', ALL], 'password'],
  [
    'no password to verify',
    ['Defaults verifypw=never', ALL, 'deploy ALL=NOPASSWD: /usr/bin/true'],
    'password',
  ],
  ['a path without systemctl', ['Defaults secure_path=/usr/sbin', LINE]],
  ['a path of the login', ['Defaults:deploy secure_path="/usr/sbin:/usr/bin"', LINE], 'yes'],
  ['another path first', ['Defaults secure_path=/bin:/usr/bin', LINE], 'yes'],
  ['a group that is exempt', ['Defaults exempt_group=deploy', ALL]],
  ['another default user', ['Defaults runas_default=www-data', FREE]],
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

  test.each(CASES)('with %s, are what it lets pass', async (_, lines, first) => {
    judge.sudoers(lines);
    const started = new Set((await judge.startAll(COMMANDS)).map(({ words }) => words));
    const rights = await judge.rights(COMMANDS);
    expect(rights).toHaveLength(COMMANDS.length);
    COMMANDS.forEach((words, at) => {
      const right = rights[at] ?? '';
      if (right === 'unknown' || right === 'unlisted') return;
      // Run as another user it is not what was asked for.
      if (lines.some((line) => line.includes('runas_default'))) expect(right).not.toBe('yes');
      else
        expect([words.join(' '), right === 'yes']).toEqual([words.join(' '), started.has(words)]);
    });
    if (first !== undefined) expect(rights[0]).toBe(first);
  });
});

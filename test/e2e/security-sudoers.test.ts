import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { serviceSudoers, timerSudoers } from '../../src/engine/preflight/sudoers.js';
import { appOf } from '../fixtures/plan.js';
import { ensureSudoImage } from '../real/support/sudo-image.js';
import { SudoJudge } from '../real/support/sudo-judge.js';
import { commandLines, commandsOf, runsAs } from '../security/support/sudo-cuts.js';

const TIMER = lineOf(timerSudoers('deploy', '/opt/shop'));
const UNITS = ['shop.service', 'shop@a:b.service', 'shop-1_x.y.socket'];
const SERVICE = lineOf(
  serviceSudoers(
    'deploy',
    { ...appOf(), service: { units: UNITS, action: 'reload', scope: 'system' } },
    '/usr/bin',
  ),
);

function lineOf(made: ReturnType<typeof timerSudoers>): string {
  if (made.kind === 'none') throw new Error(made.why);
  return made.line;
}

// All at once: each takes half a minute where it is not there yet.
beforeAll(async () => {
  await Promise.all((['bullseye', 'trixie', 'forky'] as const).map(ensureSudoImage));
}, 600_000);

describe.each([
  { suite: 'bullseye', kind: 'sudo', version: /^Sudo version 1\.9\.5/, patterns: false },
  { suite: 'here', kind: 'sudo', version: /^Sudo version 1\.9\.13/, patterns: true },
  { suite: 'forky', kind: 'sudo', version: /^Sudo version 1\.9\.17/, patterns: true },
  { suite: 'trixie', kind: 'sudo-rs', version: /^sudo-rs 0\.2\.5/, patterns: false },
  { suite: 'forky', kind: 'sudo-rs', version: /^sudo-rs /, patterns: false },
] as const)(
  'lines for sudoers, judged by $kind of $suite',
  ({ suite, kind, version, patterns }) => {
    let judge: SudoJudge;
    beforeAll(async () => {
      judge = await SudoJudge.open(suite, kind);
    }, 600_000);
    afterAll(() => judge?.close());

    test('pass visudo, or the line of the timer is refused as a whole', async () => {
      const { stdout, stderr } = await judge.ask(['-V']);
      expect(stdout || stderr).toMatch(version);
      expect((await judge.check(SERVICE)).code).toBe(0);
      expect((await judge.check(TIMER)).code === 0).toBe(patterns);
    });

    test('start the timer as intended, and allow no other command line as root', async () => {
      judge.sudoers([TIMER, SERVICE]);
      const [meant = []] = commandsOf(TIMER);
      const lines = commandLines(meant);
      expect(lines.length).toBeGreaterThan(611);
      const started = await judge.startAll(lines);
      expect(started.filter(({ args }) => runsAs(args) === 'root')).toEqual([]);
      const whole = started.find(({ args }) => args.length === meant.length - 1);
      expect(whole === undefined ? null : runsAs(whole.args)).toBe(patterns ? 'deploy' : null);
      // What sudo does not see is where an argument ends.
      expect(started.length > 64).toBe(patterns);
    });

    test('allow control of the units, and nothing else', async () => {
      judge.sudoers([TIMER, SERVICE]);
      const commands = commandsOf(SERVICE);
      expect(commands).toHaveLength(UNITS.length * 4);
      const meant = await judge.startAll(commands);
      expect(meant.map(({ args }) => args)).toEqual(commands.map(([, ...args]) => args));
      const started = await judge.startAll(commandLines(commands[1] ?? []));
      // Joined otherwise it is one word, which is no verb of systemctl.
      const others = started.filter(({ args }) => args.length !== 1);
      expect(new Set(others.map(({ args }) => args.join(' ')))).toEqual(
        new Set(['restart shop.service']),
      );
    });
  },
);

test('an old sudo reads a line whose command is not a pattern as wildcards, which gives root', async () => {
  const judge = await SudoJudge.open('bullseye', 'sudo');
  onTestFinished(() => judge.close());
  const [meant = []] = commandsOf(TIMER);
  // The arguments as they are, but without the backslashes, which that sudo would not read.
  const line = TIMER.replace(/: \S+/, ': /usr/bin/systemd-run').replaceAll('\\.', '.');
  expect((await judge.check(line)).code).toBe(0);
  judge.sudoers([line]);
  const named = commandLines(meant).filter(([, first]) => first?.startsWith('^'));
  const started = await judge.startAll(named);
  expect(started.map(({ args }) => runsAs(args))).toContain('root');
});

import { describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { argumentsOf, commandsIn } from './support/shell-words.js';
import { SLEEPER, shopFleet } from './support/shop-fleet.js';

const POLICY = 'waves: [1, rest], max_unavailable: 100%, tolerate_unreachable: 1';

/** The command that the end of a run names, as it is printed. */
const hintIn = (text: string): string => commandsIn(text, 'rollback')[0] ?? 'none';

/** Its release. */
const saidIn = (text: string): string => / --to (\S+)/.exec(hintIn(text))?.[1] ?? 'none';

describe('a rollback without --to', () => {
  const practice = practiceLab({ hosts: 3, unitText: SLEEPER });
  const shop = shopFleet(() => practice.lab, POLICY);

  test('leaves a release that reached one host first and the others later', async () => {
    await shop.deploy('a');
    await shop.deploy('b', '-l', 'web01');
    const { stdout } = await shop.deploy('b');
    expect(hintIn(stdout)).toMatch(/^fleet rollback -g prod --to /);
    expect(await shop.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual(['a', 'a', 'a']);
  }, 60_000);

  test('leaves one that a skipped host was given afterwards, by the command that fleet prints', async () => {
    await practice.lab.fault('web03', 'down', true);
    const { code, stdout } = await shop.deploy('c');
    expect(code).toBe(3);
    await practice.lab.fault('web03', 'down', false);
    const [again = ''] = commandsIn(stdout, 'deploy');
    expect(await shop.typed([...argumentsOf(again), '--yes'])).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual(['c', 'c', 'c']);
    expect(await shop.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual(['a', 'a', 'a']);
  }, 60_000);

  test('goes where the end of the deploy said, never to what was rolled back from', async () => {
    // b and c are newer than a, healthy, and people have rolled back from both.
    const { stdout } = await shop.deploy('d');
    const said = saidIn(stdout);
    const plan = await shop.fleet('plan rollback', '--json');
    expect(JSON.parse(plan.stdout).release.id).toBe(said);
    await shop.fleet('rollback', '--yes');
    expect(shop.pages()).toEqual(['a', 'a', 'a']);
    const refused = await shop.fleet('rollback', '--yes');
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toMatch(/no host ran anything healthy before/);
  }, 60_000);

  test('brings a fleet together of which only some hosts have moved on', async () => {
    await shop.deploy('e', '-l', 'web02');
    expect(shop.pages()).toEqual(['a', 'e', 'a']);
    expect(await shop.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual(['a', 'a', 'a']);
  }, 60_000);

  test('names what each host ran before where that differs, with commands that work', async () => {
    await shop.deploy('f', '-l', 'web02');
    const { stdout } = await shop.deploy('g');
    expect(hintIn(stdout)).toBe('none');
    const refused = await shop.fleet('rollback', '--yes');
    expect(refused).toMatchObject({ code: 2 });
    const commands = commandsIn(refused.stderr, 'rollback');
    expect(commands).toHaveLength(2);
    for (const command of commands) {
      expect(await shop.typed(argumentsOf(command))).toMatchObject({ code: 0 });
    }
    expect(shop.pages()).toEqual(['a', 'f', 'a']);
  }, 60_000);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { argumentsOf, commandsIn } from './support/shell-words.js';
import { SLEEPER, shopFleet } from './support/shop-fleet.js';

const practice = practiceLab({ hosts: 8, unitText: SLEEPER });
const shop = shopFleet(
  () => practice.lab,
  'waves: [1, 10%, 50%, rest], max_unavailable: 25%, tolerate_unreachable: 2',
);
const seven = (page: string): readonly string[] => Array<string>(7).fill(page);

/** One story over eight hosts, of which the last has never served: each test goes on from the one before. */
describe('a fleet of which three of seven hosts are dead', () => {
  beforeAll(async () => {
    expect(await shop.deploy('a', '-l', '!web08')).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual([...seven('a'), 'none']);
  }, 60_000);

  test('has them in the plan, before the question, and first in its waves', async () => {
    await shop.kill('web02', 'web04', 'web06');
    const from = shop.release('b');
    const flags = ['-l', '!web08', '--from', from];
    const { code, stdout } = await shop.fleet('plan deploy', ...flags);
    expect(code).toBe(0);
    expect(stdout).toMatch(/out first +3: web02, web04, web06; shop\.service is inactive/);
    expect(stdout).toContain('at most 1 of 7 out of service');
    const json = JSON.parse((await shop.fleet('plan deploy', '--json', ...flags)).stdout);
    expect(json.waves.map(({ hosts }: { hosts: string[] }) => hosts)).toEqual([
      ['web02'],
      ['web04', 'web06'],
      ['web01'],
      ['web03', 'web05', 'web07'],
    ]);
    expect(json).toMatchObject({ blocked: null, out: [{ host: 'web02' }, {}, {}] });
  });

  test('is deployed to, and serves on every host', async () => {
    expect(await shop.deploy('b', '-l', '!web08')).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual([...seven('b'), 'none']);
  }, 60_000);

  test('is rolled back, and serves on every host', async () => {
    await shop.kill('web01', 'web05', 'web07');
    expect(shop.pages()).toContain('b (dead)');
    expect(await shop.fleet('rollback', '--yes', '-l', '!web08')).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual([...seven('a'), 'none']);
  }, 60_000);

  test('ends with 4 where the fix is bad, as the dead host is as it was before', async () => {
    await shop.kill('web03');
    const bad = shop.release('bad', 'exit 3');
    const ran = await shop.fleet('deploy', '--yes', '--from', bad, '-l', '!web08');
    expect(ran).toMatchObject({ code: 4 });
    expect(shop.pages()).toEqual(['a', 'a', 'a', 'a', 'a', 'a', 'a', 'none']);
  }, 60_000);

  test('stays at 4 where its old release cannot be started either', async () => {
    const start = join(practice.lab.hosts[2]?.home ?? '', 'shop/current/bin/start');
    const good = readFileSync(start, 'utf8');
    writeFileSync(start, '#!/bin/sh\nexit 4\n');
    await shop.kill('web03');
    const bad = shop.release('bad', 'exit 3; # still');
    const ran = await shop.fleet('deploy', '--yes', '--from', bad, '-l', '!web08', '--json');
    const { hosts } = JSON.parse(ran.stdout);
    expect(hosts[0]).toMatchObject({ host: 'web03', state: 'reverted' });
    expect(ran.code).toBe(4);
    expect(shop.pages()[2]).toBe('a (dead)');
    writeFileSync(start, good);
  }, 60_000);
});

describe('a new host beside seven', () => {
  test('stops no deploy, whatever few may be out of service', async () => {
    const ran = await shop.deploy('c', '--max-unavailable', '1');
    expect(ran).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual([...seven('c'), 'c']);
  }, 60_000);

  test('that lacks the release is named by a rollback, with the command that works', async () => {
    const refused = await shop.fleet('rollback', '--yes');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/web08 ran nothing healthy before/);
    const [command = ''] = commandsIn(refused.stderr, 'rollback');
    expect(command).toContain("'!web08'");
    expect(await shop.typed(argumentsOf(command))).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual([...seven('a'), 'c']);
  }, 60_000);
});

describe('hosts that cannot be reached', () => {
  test('refuse a plan that cannot proceed before the question, with commands that work', async () => {
    await practice.lab.fault('web02', 'down', true);
    const from = shop.release('d');
    const flags = ['--yes', '--from', from, '--max-unavailable', '1'];
    const refused = await shop.fleet('deploy', ...flags);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain(
      'at most 1 of 8 hosts may be out of service, and web02 is out',
    );
    const [without = '', more = ''] = commandsIn(refused.stderr, 'deploy');
    const json = await shop.fleet('plan deploy', '--json', ...flags);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ blocked: { out: ['web02'], needed: 2 } });

    expect(more).toContain('--max-unavailable 2');
    expect(await shop.typed([...argumentsOf(more), '-n'])).toMatchObject({ code: 0 });
    expect(without).toContain("-l '!web02'");
    expect(await shop.typed(argumentsOf(without))).toMatchObject({ code: 0 });
    expect(shop.pages()).toEqual(['d', 'a', 'd', 'd', 'd', 'd', 'd', 'd']);
    expect(await shop.typed(argumentsOf(more))).toMatchObject({ code: 3 });
    await practice.lab.fault('web02', 'down', false);
  }, 60_000);
});

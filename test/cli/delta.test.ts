import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { contentsOf } from '../host/support/delta.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { SLEEPER, shopFleet } from './support/shop-fleet.js';

const practice = practiceLab({ hosts: 3, unitText: SLEEPER });
const shop = shopFleet(() => practice.lab, 'waves: [rest], max_unavailable: 100%');

/** A release of 60 files and 600 kB, of which three are its own. */
function large(name: string): string {
  const from = shop.release(name);
  const dir = join(shop.dir, name);
  mkdirSync(join(dir, 'lib/a b'), { recursive: true });
  for (let file = 0; file < 60; file += 1) {
    const text = `${file < 3 ? name : ''} ${file}\n`.repeat(2_000);
    writeFileSync(join(dir, `lib/a b/${file}`), text);
  }
  return from;
}

const deploy = (name: string, ...flags: readonly string[]) =>
  shop.fleet('deploy', '--yes', '--from', large(name), ...flags);
const currentOf = (index: number): string =>
  join(practice.lab.hosts[index]?.home ?? '', 'shop/current');

/** Whether a host has exactly what is in that folder. */
function expectSame(name: string, index: number): void {
  expect(contentsOf(`${currentOf(index)}/`)).toEqual(contentsOf(join(shop.dir, name)));
}

interface Planned {
  readonly uploadBytes: number;
  readonly contentBytes: number;
  readonly hosts: readonly { readonly delta?: { readonly base: string; readonly bytes: number } }[];
}

/** One story: each test goes on from the one before. */
describe('hosts with a release', () => {
  beforeAll(async () => {
    expect(await deploy('one')).toMatchObject({ code: 0 });
  }, 60_000);

  test('are sent what is new, as the plan says', { timeout: 60_000 }, async () => {
    const from = large('two');
    const json = await shop.fleet('plan deploy', '--json', '--from', from);
    const plan: Planned = JSON.parse(json.stdout);
    expect(plan.uploadBytes).toBe(0);
    expect(plan.hosts).toHaveLength(3);
    for (const { delta } of plan.hosts) {
      expect(delta?.bytes).toBeLessThan(plan.contentBytes * 0.08);
    }
    const { code, stderr } = await deploy('two');
    expect(code).toBe(0);
    expect(stderr).toMatch(/upload +[\d.]+ kB of [\d.]+ [kM]B to 3 hosts, built on \S+\n/);
    for (const index of [0, 1, 2]) expectSame('two', index);
  });

  test('are asked what is in it by a bastion that did not send it', {
    timeout: 60_000,
  }, async () => {
    rmSync(join(shop.dir, 'state/manifests'), { recursive: true });
    const { stderr } = await deploy('three');
    expect(stderr).toMatch(/to 3 hosts, built on /);
    for (const index of [0, 1, 2]) expectSame('three', index);
  });

  test('get the whole in the same run if a file of it has changed', {
    timeout: 60_000,
  }, async () => {
    writeFileSync(join(currentOf(1), 'lib/a b/50'), 'changed by hand');
    const { code, stderr } = await deploy('four');
    expect(code).toBe(0);
    expect(stderr).toMatch(/web02: .*lib\/a b\/50.*; the whole release is sent/);
    for (const index of [0, 1, 2]) expectSame('four', index);
    const log = readFileSync(join(practice.lab.hosts[1]?.home ?? '', 'shop/.fleet/log'), 'utf8');
    expect(log).toContain('"verb":"stage"');
  });

  test('get the whole with release.delta: off', { timeout: 60_000 }, async () => {
    const yaml = join(shop.dir, 'fleet.yaml');
    const before = readFileSync(yaml, 'utf8');
    writeFileSync(yaml, before.replace('release: {', 'release: { delta: off,'));
    const { stderr } = await deploy('five');
    expect(stderr).toMatch(/upload +[\d.]+ [kM]?B to 3 hosts\n/);
    writeFileSync(yaml, before);
  });
});

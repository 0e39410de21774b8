import { chmodSync, existsSync, mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { CURRENT_COMMIT, capistrano, OLDER_COMMIT, shipit } from '../fixtures/tool-layouts.js';
import { runOn } from '../lab/support/client.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { leaveClaimed } from './support/practice-bastion.js';
import { SLEEPER, shopFleet } from './support/shop-fleet.js';

const practice = practiceLab({ hosts: 3, unitText: SLEEPER });
const shop = (haste = 1) => shopFleet(() => practice.lab, 'waves: [1, rest]', { haste });
const rootOf = (index: number): string => join(practice.lab.hosts[index]?.home ?? '', 'shop');
const links = (): readonly string[] =>
  practice.lab.hosts.map((_, index) => readlinkSync(join(rootOf(index), 'current')));

const OLDER = '20240101120000';
const CURRENT = '20240202120000';

/** Every host as that tool has deployed it, with its unit up. */
async function laidOut(make: (root: string) => unknown): Promise<void> {
  for (const [index, { name }] of practice.lab.hosts.entries()) {
    await runOn(practice.lab, name, 'systemctl stop shop');
    rmSync(rootOf(index), { recursive: true, force: true });
    make(rootOf(index));
    for (const release of [OLDER, CURRENT]) {
      const bin = join(rootOf(index), 'releases', release, 'bin');
      mkdirSync(bin);
      writeFileSync(join(bin, 'start'), '#!/bin/sh\nexec sleep 3600\n');
      chmodSync(join(bin, 'start'), 0o755);
    }
    await runOn(practice.lab, name, 'systemctl start shop');
  }
}

describe('fleet adopt', () => {
  beforeEach(() => laidOut(capistrano), 30_000);

  test('shows it all in a dry run, and writes nothing', async () => {
    const { code, stdout, stderr } = await shop().fleet('adopt', '--dry-run');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/20240202120000 +2222222 +\S+ \S+ +bob +healthy, current +all 3/);
    expect(stdout).toMatch(/20240101120000 +1111111 +\S+ \S+ +ada +healthy +all 3/);
    expect(stdout).toMatch(/releases\/20240303120000 is left alone on .*its deploy was cut off/);
    expect(stdout).toContain('current becomes a relative link on web[01:03].');
    expect(stdout).toMatch(/- "config\/database.yml"\n +- "log\/"/);
    expect(existsSync(join(rootOf(0), '.fleet'))).toBe(false);
    expect(links()[0]).toBe(join(rootOf(0), 'releases', CURRENT));
  });

  test('adopts, and a rollback goes to an adopted release by its commit', async () => {
    const bastion = shop();
    const adopted = await bastion.fleet('adopt', '--yes', '--json');
    expect(adopted.code).toBe(0);
    const report = OUTPUT_SCHEMAS.adopt.parse(JSON.parse(adopted.stdout));
    expect(report.hosts.map(({ state }) => state)).toEqual(['adopted', 'adopted', 'adopted']);
    expect(links()).toEqual(Array(3).fill(`releases/${CURRENT}`));

    const listed = JSON.parse((await bastion.fleet('releases', '--json')).stdout);
    expect(listed.releases).toMatchObject([
      { id: CURRENT, commit: CURRENT_COMMIT, deployer: 'bob by Capistrano' },
      { id: OLDER, commit: OLDER_COMMIT, rollback: { possible: true } },
    ]);
    expect((await bastion.fleet('status', '--json')).stdout).toContain('"drift": null');

    const history = JSON.parse((await bastion.typed(['history', '--json'])).stdout);
    expect(history.runs).toMatchObject([
      { operator: 'bob by Capistrano', state: 'succeeded', startedAt: '2024-02-02T12:00:00.000Z' },
      { operator: 'ada by Capistrano' },
    ]);

    expect(await bastion.deploy('a')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
    expect(links()).toEqual(Array(3).fill(`releases/${CURRENT}`));
    const byCommit = await bastion.fleet('rollback', '--yes', '--to', OLDER_COMMIT.slice(0, 8));
    expect(byCommit).toMatchObject({ code: 0 });
    expect(links()).toEqual(Array(3).fill(`releases/${OLDER}`));
  }, 60_000);

  test('has nothing to do a second time', async () => {
    const bastion = shop();
    await bastion.fleet('adopt', '--yes');
    const again = await bastion.fleet('adopt', '--yes');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to adopt.') });
  }, 30_000);

  test('goes on where a host was cut off', async () => {
    // Its tries are over within seconds.
    const bastion = shop(15);
    await practice.lab.fault('web02', 'drop-mid-step', true, { match: 'digest' });
    const first = await bastion.fleet('adopt', '--yes');
    await practice.lab.fault('web02', 'drop-mid-step', false);
    expect([0, 4]).toContain(first.code);
    const again = await bastion.fleet('adopt', '--yes');
    expect(again.code).toBe(0);
    expect(links()).toEqual(Array(3).fill(`releases/${CURRENT}`));
  }, 90_000);

  test('gives a release one digest where its content differs, and says so', async () => {
    writeFileSync(join(rootOf(1), 'releases', OLDER, 'compiled'), 'here only');
    const bastion = shop();
    const adopted = await bastion.fleet('adopt', '--yes');
    expect(adopted.stdout).toContain(`The content of ${OLDER} is not the same on all hosts.`);
    expect(await bastion.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
    expect(links()).toEqual(Array(3).fill(`releases/${OLDER}`));
  }, 60_000);

  test('changes the records again where a host that is adopted later differs', async () => {
    writeFileSync(join(rootOf(1), 'releases', OLDER, 'compiled'), 'here only');
    const bastion = shop();
    expect(await bastion.fleet('adopt', '--yes', '-l', '!web02')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('adopt', '--yes')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
  }, 60_000);

  test('adopts the others where a host is locked, and ends with 3', async () => {
    mkdirSync(join(rootOf(0), '.fleet'), { mode: 0o700 });
    leaveClaimed(practice.lab, 3600);
    const { code, stdout } = await shop().fleet('adopt', '--yes');
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /Adopted 2 of 3 hosts[\s\S]*web01 +run gone of ada@elsewhere has locked it/,
    );
    expect(links().slice(1)).toEqual(Array(2).fill(`releases/${CURRENT}`));
  }, 30_000);

  test('leaves a host alone while the other tool deploys there', async () => {
    for (const [index] of practice.lab.hosts.entries()) {
      writeFileSync(join(rootOf(index), 'deploy.lock'), '');
    }
    const { code, stdout } = await shop().fleet('adopt', '--yes');
    expect(code).toBe(7);
    expect(stdout).toContain('deploy.lock is in the root');
  });

  test('asks first, and refuses where no one can be asked', async () => {
    const { code, stderr } = await shop().fleet('adopt');
    expect(code).toBe(2);
    expect(stderr).toContain('--dry-run to see it all');
  });

  test('needs --force or --trust-earlier for a release of a tool that keeps no log', async () => {
    await laidOut(shipit);
    const bastion = shop();
    expect(await bastion.fleet('adopt', '--yes')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('rollback', '--yes', '--to', OLDER)).toMatchObject({ code: 2 });
    await laidOut(shipit);
    expect(await bastion.fleet('adopt', '--yes', '--trust-earlier')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('rollback', '--yes', '--to', OLDER)).toMatchObject({ code: 0 });
  }, 60_000);
});

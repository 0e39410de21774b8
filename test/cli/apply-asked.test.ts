import { cpSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { everythingOn, practiceBastion } from './support/practice-bastion.js';

const EXAMPLE = join(import.meta.dirname, '../../examples/snapshot');
const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

const home = (host: number): string => practice.lab.hosts[host]?.home ?? '';
const orders = (host: number): string => join(home(host), 'shop/shared/db/orders.tsv');
const currents = (): readonly string[] =>
  [0, 1].map((host) => readlinkSync(join(home(host), 'shop/current')));

/** A bastion with the example of a database snapshot, to which two releases were deployed. */
async function deployed() {
  const bastion = practiceBastion(practice.lab);
  cpSync(join(EXAMPLE, 'fleet.yaml'), join(bastion.dir, 'fleet.yaml'));
  for (const [release, id] of [
    ['good', 'one'],
    ['better', 'two'],
  ] as const) {
    cpSync(join(EXAMPLE, 'bin'), join(bastion.dir, 'releases', release, 'bin'), {
      recursive: true,
    });
    const flags = ['--yes', '--from', `./releases/${release}`, '--release', id];
    expect(await bastion.fleet('deploy', ...flags)).toMatchObject({ code: 0 });
  }
  const apply = (...flags: readonly string[]) =>
    bastion.typed('apply', 'plan.json', '-i', practice.lab.inventoryFile, '--yes', ...flags);
  return { ...bastion, apply };
}

describe('the plan of a rollback with its backups, in a file', () => {
  let bastion: Awaited<ReturnType<typeof deployed>>;

  beforeAll(async () => {
    for (const host of [0, 1]) {
      mkdirSync(join(home(host), 'shop/shared/db'), { recursive: true });
      writeFileSync(orders(host), `order 1 on ${host}\n`);
    }
    bastion = await deployed();
    for (const host of [0, 1]) writeFileSync(orders(host), 'migrated\n');
  }, 120_000);

  test('is not applied if a backup that it restores is another by now', async () => {
    const plan = await bastion.fleet('plan rollback', '--restore-backup', '--out', 'plan.json');
    expect(plan).toMatchObject({ code: 0 });
    // Another run takes another backup, and leaves the hosts on the same release.
    for (const words of [
      ['rollback', '--yes'],
      ['deploy', '--yes', '--from', './releases/better', '--release', 'two'],
    ])
      expect(await bastion.fleet(words[0] ?? '', ...words.slice(1))).toMatchObject({ code: 0 });
    const before = everythingOn(practice.lab);
    const refused = await bastion.apply();
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toMatch(/state: .*restore/);
    expect(everythingOn(practice.lab)).toEqual(before);
  }, 120_000);

  test('restores the backups that it names', async () => {
    const plan = await bastion.fleet('plan rollback', '--restore-backup', '--out', 'plan.json');
    expect(plan).toMatchObject({ code: 0 });
    for (const host of [0, 1]) writeFileSync(orders(host), 'migrated again\n');
    expect(await bastion.apply()).toMatchObject({ code: 0 });
    expect(currents()).toEqual(['releases/one', 'releases/one']);
    expect(readFileSync(orders(0), 'utf8')).toBe('migrated\n');
    expect(await bastion.apply()).toMatchObject({ code: 2 });
  }, 120_000);
});

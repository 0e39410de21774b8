import { cpSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { everythingOn, practiceBastion } from './support/practice-bastion.js';

const EXAMPLE = join(import.meta.dirname, '../../examples/snapshot');
const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

type Json = Record<string, unknown>;

/** A bastion with the example, whose releases are the two of the shop with the scripts for the database. */
function exampleBastion() {
  const bastion = practiceBastion(practice.lab);
  cpSync(join(EXAMPLE, 'fleet.yaml'), join(bastion.dir, 'fleet.yaml'));
  for (const release of ['good', 'better', 'dies']) {
    cpSync(join(EXAMPLE, 'bin'), join(bastion.dir, 'releases', release, 'bin'), {
      recursive: true,
    });
  }
  return bastion;
}

const rootOf = (host: number): string => join(practice.lab.hosts[host]?.home ?? '', 'shop');
const orders = (host: number): string => join(rootOf(host), 'shared/db/orders.tsv');
const ordersOf = (host: number): string => readFileSync(orders(host), 'utf8');
const backupsOn = (host: number): readonly string[] =>
  readdirSync(join(rootOf(host), '.fleet/backups'));

function json(name: keyof typeof OUTPUT_SCHEMAS, text: string): Json {
  const value = JSON.parse(text) as Json;
  expect(OUTPUT_SCHEMAS[name].safeParse(value).error).toBeUndefined();
  return value;
}

describe('the example of a database snapshot', () => {
  let bastion: ReturnType<typeof exampleBastion>;
  let deployed = '';

  beforeAll(async () => {
    bastion = exampleBastion();
    for (const host of [0, 1]) {
      mkdirSync(join(rootOf(host), 'shared/db'), { recursive: true });
      writeFileSync(orders(host), `order 1 on ${host}\n`);
    }
    const first = await bastion.fleet(
      'deploy',
      '--yes',
      '--from',
      './releases/good',
      '--release',
      'one',
    );
    expect(first).toMatchObject({ code: 0 });
    const second = await bastion.fleet(
      'deploy',
      '--yes',
      '--from',
      './releases/better',
      '--release',
      'two',
      '--json',
    );
    expect(second.code).toBe(0);
    deployed = String(json('deploy', second.stdout).run);
    // What the second release does to its database.
    for (const host of [0, 1]) writeFileSync(orders(host), 'migrated\n');
  }, 120_000);

  test('keeps one backup a host, none for a first deploy, and lists it with its size', async () => {
    const listed = await bastion.fleet('backups', '--json');
    expect(listed.code).toBe(0);
    const { backups } = json('backups', listed.stdout) as { backups: readonly Json[] };
    expect(backups).toMatchObject(
      ['web01', 'web02'].map((host) => ({
        host,
        run: deployed,
        kind: 'deploy',
        from: 'one',
        to: 'two',
        paths: [{ path: 'shared/.env' }],
      })),
    );
    const shown = await bastion.fleet('backups');
    expect(shown.stdout).toMatch(/2: web01, web02 .*two .*kB .*shared\/\.env, its command/);
  });

  test('is in the record of its run, with sizes and paths', async () => {
    const shown = await bastion.fleet('show', deployed);
    expect(shown.stdout).toMatch(/web01: backup of .*kB: shared\/\.env .*kB, its command .*kB/);
    const events = readFileSync(join(bastion.dir, 'state/runs', deployed, 'events.ndjson'), 'utf8');
    const taken = events.split('\n').filter((line) => line.includes('"type":"backup-taken"'));
    expect(taken.map((line) => (JSON.parse(line) as Json).host)).toEqual(['web01', 'web02']);
  });

  test('is shown in the plan of a rollback that restores it, which writes nothing', async () => {
    const before = everythingOn(practice.lab);
    const plan = await bastion.fleet('rollback', '-n', '--restore-backup', '--json');
    expect(plan.code).toBe(0);
    expect(json('plan', plan.stdout)).toMatchObject({
      backup: { paths: ['shared/.env'], command: 'bin/snapshot-db', hosts: ['web01', 'web02'] },
      restores: [{ host: 'web01', run: deployed }, { host: 'web02' }],
    });
    const text = (await bastion.fleet('plan rollback', '--restore-backup')).stdout;
    expect(text).toMatch(/restore +the backup of run/);
    expect(text).toContain('command: bin/restore-db');
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(everythingOn(practice.lab)).toEqual(before);
  });

  test('is restored by the rollback, which keeps what it overwrites; that is restored by hand', async () => {
    const back = await bastion.fleet('rollback', '--yes', '--restore-backup', '--json');
    expect(back.code).toBe(0);
    const run = String(json('rollback', back.stdout).run);
    expect([0, 1].map((host) => readlinkSync(join(rootOf(host), 'current')))).toEqual([
      'releases/one',
      'releases/one',
    ]);
    expect(ordersOf(0)).toBe('order 1 on 0\n');
    expect(ordersOf(1)).toBe('order 1 on 1\n');

    const unasked = await bastion.fleet('backups restore', run, '-l', 'web02');
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const before = everythingOn(practice.lab);
    const dry = await bastion.fleet('backups restore', run, '-l', 'web02', '-n', '--json');
    expect(json('backups', dry.stdout)).toMatchObject({ dryRun: true, restored: [] });
    expect(everythingOn(practice.lab)).toEqual(before);

    const restored = await bastion.fleet('backups restore', run, '-l', 'web02', '--yes', '--json');
    expect(restored).toMatchObject({ code: 0 });
    expect(json('backups', restored.stdout)).toMatchObject({
      restored: [{ host: 'web02', kept: expect.stringMatching(/./) }],
      failed: [],
    });
    expect(ordersOf(0)).toBe('order 1 on 0\n');
    expect(ordersOf(1)).toBe('migrated\n');
    const free = await bastion.fleet('lock status');
    expect(free.stdout).toBe('Nothing is locked.\n');
  });

  test('is not restored where it was not taken for what is current: refused, and nothing is written', async () => {
    await bastion.fleet('deploy', '--yes', '--from', './releases/better', '--release', 'two');
    const before = everythingOn(practice.lab);
    for (const host of [0, 1]) {
      for (const name of backupsOn(host)) {
        const list = join(rootOf(host), '.fleet/backups', name, 'list');
        writeFileSync(list, readFileSync(list, 'utf8').replace(/ two /, ' other '));
      }
    }
    const refused = await bastion.fleet('rollback', '--yes', '--restore-backup');
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /no backup was taken when two replaced one[\s\S]*fleet backups restore RUN/,
      ),
    });
    expect(everythingOn(practice.lab)).toEqual(before);
  });

  test('fails its host if it cannot be taken, with nothing changed there, and shows why', async () => {
    for (const host of [0, 1]) writeFileSync(`${orders(host)}.away`, '');
    const config = join(bastion.dir, 'fleet.yaml');
    const text = readFileSync(config, 'utf8');
    writeFileSync(
      config,
      text.replace('command: bin/snapshot-db', 'command: echo broken pipe dream >&2; exit 3'),
    );
    const failed = await bastion.fleet(
      'deploy',
      '--yes',
      '--from',
      './releases/good',
      '--release',
      'three',
    );
    writeFileSync(config, text);
    expect(failed.code).toBe(4);
    expect(failed.stderr).toContain('backup command ended with exit code 3');
    expect(failed.stderr).toContain('broken pipe dream');
    expect(readlinkSync(join(rootOf(0), 'current'))).toBe('releases/two');
    expect(
      readdirSync(join(rootOf(0), '.fleet/backups')).filter((name) => name.startsWith('.')),
    ).toEqual([]);
    expect((await bastion.fleet('lock status')).stdout).toBe('Nothing is locked.\n');
  });

  test('is kept as often as fleet.yaml says', async () => {
    for (const release of ['good', 'better', 'good', 'better']) {
      const id = `${release}-${backupsOn(0).length}-${Math.random().toString(36).slice(2, 8)}`;
      writeFileSync(join(bastion.dir, 'releases', release, 'id'), id);
      const run = await bastion.fleet(
        'deploy',
        '--yes',
        '--from',
        `./releases/${release}`,
        '--release',
        id,
      );
      expect(run.code).toBe(0);
    }
    expect(backupsOn(0)).toHaveLength(3);
    expect(backupsOn(1)).toHaveLength(3);
  }, 60_000);

  test('leaves releases that only their age keeps, and prune deletes those beyond it', async () => {
    const config = join(bastion.dir, 'fleet.yaml');
    const text = readFileSync(config, 'utf8');
    const releases = () => readdirSync(join(rootOf(0), 'releases')).sort();
    const all = releases();
    expect(all.length).toBeGreaterThan(5);
    const nothing = await bastion.fleet('releases prune', '--dry-run');
    expect(nothing.stdout).toContain('No release is beyond what is kept.');
    writeFileSync(config, text.replace('keep: 5', 'keep: 1').replace(/ *keep_for.*\n/, ''));
    const dry = await bastion.fleet('releases prune', '-n', '--json');
    const { hosts } = json('releases-prune', dry.stdout) as {
      hosts: readonly { beyond: readonly string[] }[];
    };
    expect(hosts).toHaveLength(2);
    expect(releases()).toEqual(all);
    const pruned = await bastion.fleet('releases prune', '--yes', '--json');
    expect(pruned.code).toBe(0);
    expect(json('releases-prune', pruned.stdout)).toMatchObject({ failed: [] });
    writeFileSync(config, text);
    expect(releases()).toEqual(all.filter((id) => !(hosts[0]?.beyond ?? []).includes(id)));
    const listed = await bastion.fleet('releases', '--json');
    const { releases: rows } = json('releases', listed.stdout) as { releases: readonly Json[] };
    expect(rows.every(({ bytes }) => Number(bytes) > 0)).toBe(true);
    const measured = await bastion.fleet('releases', '--sizes', '--json');
    expect(json('releases', measured.stdout).releases).toHaveLength(rows.length);
  }, 60_000);
});

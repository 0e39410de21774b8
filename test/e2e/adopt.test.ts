import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { CAPISTRANO_PACKAGES, Capistrano } from './support/capistrano.js';
import { exits } from './support/exit.js';
import { lookAtAll } from './support/real-shop.js';
import { dyingShop, shop } from './support/shop-app.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/adopt.md'), 'utf8');

/** What the page says to type, in its order. */
const STEPS = (/## Moving from Capistrano\n([\s\S]*?)\n## /.exec(PAGE)?.[1] ?? '')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line.startsWith('fleet '));

describe('moving from Capistrano, as docs/adopt.md says', () => {
  const bastion = new Bastion();
  let fleet: RealFleet;
  let capistrano: Capistrano;
  /** The releases of Capistrano, oldest first. */
  let theirs: readonly string[];

  const links = async () => (await lookAtAll(fleet.hosts)).map(({ link }) => link);
  const serves = async (page: string) => {
    for (const host of fleet.hosts) {
      const { stdout } = await host.run('busybox wget -q -O - http://127.0.0.1:8080/');
      expect(stdout).toBe(`${page}\n`);
    }
  };
  const filesOf = async () =>
    (await fleet.hosts[0]?.run('cd /opt/shop/releases && find . -newermt @0 | sort'))?.stdout ?? '';
  /** Types a step of the page, with this stage and project, and answers yes. */
  const type = (step: string, ...more: readonly string[]) => {
    const words = step
      .replace('../shop', capistrano.dir)
      .replaceAll('production', 'lab')
      .split(' ')
      .slice(1);
    return bastion.fleet([...words, ...more]);
  };

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3, base: { packages: CAPISTRANO_PACKAGES } });
    capistrano = new Capistrano(fleet);
    await capistrano.deploy(shop('first of Capistrano'));
    await capistrano.deploy(shop('second of Capistrano'));
    // One host has a deploy that was cut off.
    await fleet.hosts[1]?.run(
      'mkdir /opt/shop/releases/20200101000000; echo half >/opt/shop/releases/20200101000000/app; chown -R deploy: /opt/shop/releases',
    );
    rmSync(join(bastion.dir, 'fleet.yaml'));
    const { stdout = '' } = (await fleet.hosts[0]?.run('ls /opt/shop/releases')) ?? {};
    theirs = stdout.trim().split('\n');
    expect(theirs).toHaveLength(2);
  });
  afterAll(async () => {
    capistrano?.close();
    bastion.close();
    await fleet?.shutdown();
  });

  test('the page has the steps that this test types', () => {
    expect(STEPS).toEqual([
      'fleet init --from capistrano ../shop',
      'fleet check',
      'fleet doctor -g production',
      'fleet adopt -g production --dry-run',
      'fleet adopt -g production',
      'fleet releases -g production',
      'fleet deploy -g production --from ./dist',
      'fleet rollback -g production --to RELEASE',
    ]);
  });

  test('init writes files that validate and reach the hosts', async () => {
    const { stdout } = await exits(0, type(STEPS[0] ?? ''));
    expect(stdout).toMatch(/wrote fleet.yaml\nwrote inventories\/capistrano.yaml\n/);
    expect(stdout).toMatch(/config\/deploy.rb:\d+ +namespace :deploy do/);
    const config = readFileSync(join(bastion.dir, 'fleet.yaml'), 'utf8');
    expect(config).toMatch(/unit: shop.service +# from config\/deploy.rb:\d+/);
    expect(config).toMatch(/shared:\n {2}- log\/\n/);
    // Capistrano's known_hosts is no setting of fleet's.
    const inventory = join(bastion.dir, 'inventories/capistrano.yaml');
    const text = readFileSync(inventory, 'utf8');
    bastion.write(
      'inventories/capistrano.yaml',
      text.replace('ssh:\n', `ssh:\n  known_hosts: ${fleet.knownHostsFile}\n`),
    );
    await exits(0, type(STEPS[1] ?? ''));
    await exits(0, type(STEPS[2] ?? ''));
  });

  test('a dry run shows the releases and writes nothing', async () => {
    const before = await filesOf();
    const { stdout } = await exits(0, type(STEPS[3] ?? ''));
    for (const release of theirs) expect(stdout).toContain(release);
    expect(stdout).toMatch(/releases\/20200101000000 is left alone on \S+: it has no commit/);
    expect(stdout).not.toContain('fleet.yaml does not');
    expect(await filesOf()).toBe(before);
    expect((await links())[0]).toBe(`/opt/shop/releases/${theirs[1]}`);
  });

  test('the hosts are adopted without a restart, and nothing is deleted', async () => {
    const before = await filesOf();
    const processes = (await lookAtAll(fleet.hosts)).map(({ mainPid }) => mainPid);
    await exits(0, type(STEPS[4] ?? '', '--yes'));
    expect(await filesOf()).toBe(before);
    expect(await links()).toEqual(Array(3).fill(`releases/${theirs[1]}`));
    expect((await lookAtAll(fleet.hosts)).map(({ mainPid }) => mainPid)).toEqual(processes);
    const { releases } = (await exits(0, type(STEPS[5] ?? '', '--json'))).json();
    expect(releases).toMatchObject([
      { id: theirs[1], commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
      { id: theirs[0], rollback: { possible: true } },
    ]);
    const status = (await exits(0, bastion.fleet(['status', '-g', 'lab', '--json']))).json();
    expect(status.hosts[0]).toMatchObject({ release: theirs[1], drift: null });
    const { runs } = (await exits(0, bastion.fleet(['history', '--json']))).json();
    expect(runs.map(({ release }: { release: { id: string } }) => release.id)).toEqual(
      theirs.toReversed(),
    );
  });

  test('a release that dies is rolled back to that of Capistrano', async () => {
    for (const [path, text] of Object.entries(dyingShop('bad')))
      bastion.write(`dist/${path}`, text);
    await exits(4, type(STEPS[6] ?? '', '--yes'));
    expect(await links()).toEqual(Array(3).fill(`releases/${theirs[1]}`));
    await serves('second of Capistrano');
  });

  test('a good one is deployed over it', async () => {
    for (const [path, text] of Object.entries(shop('of fleet')))
      bastion.write(`dist/${path}`, text);
    await exits(0, type(STEPS[6] ?? '', '--yes'));
    await serves('of fleet');
  });

  test('a rollback goes to each release of Capistrano, by name and by commit', async () => {
    await exits(0, type((STEPS[7] ?? '').replace('RELEASE', theirs[0] ?? ''), '--yes'));
    expect(await links()).toEqual(Array(3).fill(`releases/${theirs[0]}`));
    await serves('first of Capistrano');
    const { stdout = '' } =
      (await fleet.hosts[0]?.run(`cat /opt/shop/releases/${theirs[1]}/REVISION`)) ?? {};
    const commit = stdout.trim().slice(0, 8);
    await exits(0, type((STEPS[7] ?? '').replace('RELEASE', commit), '--yes'));
    await serves('second of Capistrano');
  });

  test('Capistrano may deploy again, and its new release is adopted', async () => {
    await capistrano.deploy(shop('third of Capistrano'));
    const { hosts } = (await exits(0, type(STEPS[4] ?? '', '--yes', '--json'))).json();
    const known = hosts[0].releases.map(({ known }: { known: boolean }) => known);
    expect(known).toEqual([true, true, false]);
    await exits(0, type((STEPS[7] ?? '').replace('RELEASE', theirs[0] ?? ''), '--yes'));
    await serves('first of Capistrano');
  });
});

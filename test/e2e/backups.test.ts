import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAt } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const BIN = join(import.meta.dirname, '../../examples/snapshot/bin');
const SCRIPTS = {
  'bin/snapshot-db': readFileSync(join(BIN, 'snapshot-db'), 'utf8'),
  'bin/restore-db': readFileSync(join(BIN, 'restore-db'), 'utf8'),
};
const ORDERS = '/opt/shop/shared/db/orders.tsv';

/** Three real hosts with a database each, whose first release was replaced by one that migrates it. */
describe('backups on real hosts', () => {
  let fleet: RealFleet;
  const config = {
    policy: { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%' },
    shared: ['db/'],
    backup: {
      paths: ['shared/conf'],
      command: 'bin/snapshot-db',
      restore_command: 'bin/restore-db',
      keep: 2,
      timeout: '30s',
    },
  };
  const bastion = new Bastion({ config });
  const releases: string[] = [];
  let migrated = '';

  const deploy = async (code: ExitCode, page: string) => {
    bastion.release({ ...shop(page), ...SCRIPTS });
    const args = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes', '--json'];
    const ended = await exits(code, bastion.fleet(args));
    releases.push(ended.json().release);
    return ended;
  };
  const onAll = (script: string) => Promise.all(fleet.hosts.map((host) => host.run(script)));
  const ask = async (code: ExitCode, ...args: readonly string[]) =>
    exits(code, bastion.fleet(args));

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3 });
    bastion.use(fleet);
    await onAll(`
      mkdir -p /opt/shop/shared/db /opt/shop/shared/conf
      echo 'order 1' >${ORDERS}
      printf secret >'/opt/shop/shared/conf/-odd name'
      chown -R deploy: /opt/shop/shared
      chmod 640 '/opt/shop/shared/conf/-odd name'
      chown deploy:adm '/opt/shop/shared/conf/-odd name'`);
    await deploy(0, 'one');
    migrated = (await deploy(0, 'two')).json().run;
    await onAll(`echo migrated >${ORDERS}; echo changed >'/opt/shop/shared/conf/-odd name'`);
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  test('are taken before the link moves, for the login user alone, and are in the records', async () => {
    const { backups } = (await ask(0, 'backups', '-g', 'web', '--json')).json();
    expect(backups.map(({ host, run }: { host: string; run: string }) => [host, run])).toEqual(
      fleet.hosts.map(({ name }) => [name, migrated]),
    );
    const { stdout } = await fleet
      .host('h02')
      .run('cd /opt/shop/.fleet/backups && stat -c "%a %U" . */ && cat */tree/shared/conf/-odd*');
    expect(stdout).toBe('700 deploy\n700 deploy\nsecret');
    expect((await ask(0, 'show', migrated)).stdout).toMatch(/h02: backup of .*shared\/conf/);
    expect((await ask(0, 'status', '-g', 'web')).stdout).toContain('active');
  });

  test('come back with a rollback, with their modes, and the app runs its earlier release', async () => {
    const plan = (await ask(0, 'plan', 'rollback', '-g', 'web', '--restore-backup')).stdout;
    expect(plan).toMatch(new RegExp(`restore +the backup of run ${migrated}`));
    await ask(0, 'rollback', '-g', 'web', '--restore-backup', '--yes');
    for (const host of fleet.hosts) {
      const { stdout } = await host.run(
        `cat ${ORDERS}; cd /opt/shop/shared/conf; cat -- -odd*; stat -c ' %a' -- -odd*; ls -A ..`,
      );
      expect(stdout).toBe('order 1\nsecret 640\nconf\ndb\n');
      expect((await lookAt(host)).link).toBe(`releases/${releases[0]}`);
    }
  });

  test('that cannot be taken fail their host alone, and it serves as before', async () => {
    const host = fleet.host('h01');
    const before = await lookAt(host);
    await host.run('mv /opt/shop/shared/db /opt/shop/shared/db.away');
    bastion.release({ ...shop('three'), ...SCRIPTS });
    const args = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
    const failed = await ask(4, ...args);
    expect(failed.stderr).toMatch(/h01[\s\S]*the backup command ended with exit code 1/);
    expect(await lookAt(host)).toMatchObject({ ...before });
    expect((await host.run('ls /opt/shop/.fleet/backups | grep -c tmp; true')).stdout).toBe('0\n');
    await host.run('rm -rf /opt/shop/shared/db; mv /opt/shop/shared/db.away /opt/shop/shared/db');
  });

  test('survive the death of the controller in the middle: the next command settles the host', async () => {
    bastion.configure({
      ...config,
      backup: { ...config.backup, command: 'sleep 5; bin/snapshot-db' },
    });
    bastion.release({ ...shop('four'), ...SCRIPTS });
    const args = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes', '--output', 'ndjson'];
    const running = bastion.start(args);
    await running.says(/"stage":"preparing"/);
    running.child.kill('SIGKILL');
    await running.ended;
    await ask(0, 'recover', '-g', 'web', '--force', '--yes');
    bastion.configure(config);
    await ask(0, 'deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes');
    const { backups } = (await ask(0, 'backups', '-g', 'web', '--json')).json();
    expect(backups).toHaveLength(2 * fleet.hosts.length);
    const { stdout } = await fleet
      .host('h01')
      .run('ls -A /opt/shop/.fleet/backups | grep -c ^.tmp; true');
    expect(stdout).toBe('0\n');
  });

  test('of a run are restored by hand on one host, while the others stay as they are', async () => {
    const { backups } = (await ask(0, 'backups', '-g', 'web', '-l', 'h03', '--json')).json();
    const [{ run }] = backups;
    await onAll(`echo newest >${ORDERS}`);
    await ask(0, 'backups', 'restore', run, '-g', 'web', '-l', 'h03', '--yes');
    expect((await fleet.host('h03').run(`cat ${ORDERS}`)).stdout).toBe('migrated\n');
    expect((await fleet.host('h02').run(`cat ${ORDERS}`)).stdout).toBe('newest\n');
    expect((await ask(0, 'lock', 'status', '-g', 'web')).stdout).toBe('Nothing is locked.\n');
  });
});

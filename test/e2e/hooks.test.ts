import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAt, lookAtAll } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const LOG = '/opt/shop/shared/db/log';
/** Writes when it begins and when it has ended, so that a hook that was cut off is seen. */
const slowly = (seconds: number): string =>
  `echo "begun $FLEET_HOST" >>db/log; sleep ${seconds}; echo ended >>db/log`;
const migrate = (run: string, more = {}) => ({
  before_activate: [{ run, per: 'run', name: 'migrate', ...more }],
});

/** Three real hosts. What their hooks do is in `shared/db/log`, what those of the bastion do in `log`. */
describe('hooks on real hosts', () => {
  let fleet: RealFleet;
  const bastion = new Bastion();

  const withHooks = (hooks: Readonly<Record<string, unknown>>): void =>
    bastion.configure({
      policy: { ...QUICK, waves: [1, 'rest'], max_unavailable: '100%' },
      shared: ['db/'],
      hooks,
    });
  const ask = async (code: ExitCode, ...args: readonly string[]) =>
    exits(code, bastion.fleet(args));
  const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'] as const;
  const onHost = async (name: string): Promise<readonly string[]> =>
    (await fleet.host(name).run(`cat ${LOG} 2>/dev/null; true`)).stdout.split('\n').slice(0, -1);
  const links = async () => (await lookAtAll(fleet.hosts)).map(({ link }) => link);
  const newest = async (): Promise<string> =>
    (await ask(0, 'history', '--json')).json().runs[0].run;
  const shown = async (run: string) => (await ask(0, 'show', run, '--json')).json().hooks;

  /** Ends the controller as a crash does, while the hook of the run is on its host. */
  const crashInHook = async (): Promise<string> => {
    const running = bastion.start([...DEPLOY, '--output', 'ndjson']);
    await running.says(/"type":"hook-started"/);
    await expect.poll(() => onHost('h01'), { timeout: 20_000 }).toEqual(['begun h01']);
    running.child.kill('SIGKILL');
    await running.ended;
    return newest();
  };

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3 });
    bastion.use(fleet);
  });
  beforeEach(async () => {
    rmSync(join(bastion.dir, 'log'), { force: true });
    await Promise.all(fleet.hosts.map((host) => host.run(`rm -f ${LOG}`)));
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  test('a migration runs once, before any host; the others once a host, there and on the bastion', async () => {
    withHooks({
      before_activate: [
        { run: 'echo "migrate $FLEET_KIND by $(id -un)" >>db/log', per: 'run', name: 'migrate' },
        { local: 'echo "out $FLEET_HOST" >>log' },
      ],
      after_activate: ['test "$(pwd -P)" = "$FLEET_RELEASE_PATH" && cat index.html >>db/log'],
      after_confirm: [{ local: 'echo "in $FLEET_HOST" >>log' }],
    });
    bastion.release(shop('one'));
    await ask(0, ...DEPLOY);
    expect(await onHost('h01')).toEqual(['migrate deploy by deploy', 'one']);
    expect(await onHost('h02')).toEqual(['one']);
    expect(await onHost('h03')).toEqual(['one']);
    const local = readFileSync(join(bastion.dir, 'log'), 'utf8').trimEnd().split('\n');
    expect(local.slice(0, 2)).toEqual(['out h01', 'in h01']);
    expect(local.slice(2).toSorted()).toEqual(['in h02', 'in h03', 'out h02', 'out h03']);
    const run = await newest();
    expect((await ask(0, 'show', run)).stdout).toMatch(/migrate +before_activate +h01 .*done/);
    expect(await shown(run)).toContainEqual(
      expect.objectContaining({ name: 'migrate', host: 'h01', end: 'ok', failure: null }),
    );
  });

  test('a host whose hook says no after its activation runs its earlier release again', async () => {
    withHooks({
      after_activate: [
        {
          run: 'echo warming up; test "$FLEET_HOST" != h02 || { echo cold; exit 3; }',
          name: 'warm',
        },
      ],
      after_revert: ['cat index.html >>db/log'],
    });
    const before = await links();
    bastion.release(shop('bad'));
    const failed = await ask(4, ...DEPLOY);
    expect(failed.stderr).toMatch(/h02 .*after_activate hook warm: exit 3[\s\S]*cold/);
    expect(await links()).toEqual(before);
    expect(await onHost('h02')).toEqual(['one']);
    const { active, cwd } = await lookAt(fleet.host('h02'));
    expect({ active, cwd }).toEqual({ active: 'active', cwd: `/opt/shop/${before[1]}` });
    expect((await ask(0, 'show', await newest())).stdout).toMatch(
      /warm +after_activate +h02 .*failed\n[\s\S]*exit 3\n.*\n.*warming up\n.*cold/,
    );
  });

  test('the rollback script of a release runs on each host in the release that it leaves', async () => {
    withHooks({ rollback_script: 'rollback.sh' });
    const [one] = await links();
    const script =
      '#!/bin/sh\necho "$FLEET_FROM to $FLEET_RELEASE in $(basename "$PWD")" >>db/log\n';
    bastion.release({ ...shop('two'), 'rollback.sh': script });
    const { release } = (await ask(0, ...DEPLOY, '--json')).json();
    await ask(0, 'rollback', '-g', 'web', '--yes');
    const line = `${release} to ${one?.replace('releases/', '')} in ${release}`;
    for (const { name } of fleet.hosts) expect(await onHost(name)).toEqual([line]);
    expect(await links()).toEqual([one, one, one]);
  });

  test('a migration goes on without its controller, and resume counts it: it has run once', async () => {
    withHooks(migrate(slowly(4)));
    bastion.release(shop('three'));
    const run = await crashInHook();
    await ask(0, 'resume', run, '--yes');
    expect(await onHost('h01')).toEqual(['begun h01', 'ended']);
    expect(await shown(run)).toMatchObject([{ name: 'migrate', end: 'ok', ms: null }]);
  });

  test.each([
    { flag: '--hook-done', more: [] },
    { flag: '--hook-again', more: ['begun h01', 'ended'] },
  ])(
    'one that was lost with controller and host keeps resume from going on until $flag',
    async ({ flag, more }) => {
      withHooks(migrate(slowly(6)));
      const before = await links();
      bastion.release(shop(flag));
      const run = await crashInHook();
      await fleet.host('h01').reboot({ abrupt: true });
      const asked = await bastion.fleet(['resume', run, '--yes']);
      expect(asked.code, asked.stdout + asked.stderr).toBe(4);
      expect(asked.stderr).toContain(`fleet resume ${run} --hook-done before_activate-1`);
      const refused = await ask(2, 'resume', run, '--yes');
      expect(refused.stderr).toContain('hook migrate (before_activate-1) began on h01');
      expect(await links()).toEqual(before);
      expect(await onHost('h01')).toEqual(['begun h01']);
      await ask(0, 'resume', run, flag, 'before_activate-1', '--yes');
      expect(await onHost('h01')).toEqual(['begun h01', ...more]);
      expect(await links()).not.toContain(before[0]);
      expect(await shown(run)).toContainEqual(
        expect.objectContaining({
          name: 'migrate',
          host: 'h01',
          end: 'interrupted',
          settled: expect.objectContaining({ how: flag.replace('--hook-', '') }),
        }),
      );
    },
  );

  test('a host that reboots while its hook runs fails alone, with its hook named as interrupted', async () => {
    withHooks({
      before_activate: [{ run: slowly(20), name: 'drain' }],
      after_revert: [{ local: 'echo "in $FLEET_HOST" >>log' }],
    });
    const before = await links();
    bastion.release(shop('five'));
    const running = bastion.start([...DEPLOY]);
    await expect.poll(() => onHost('h01'), { timeout: 30_000 }).toEqual(['begun h01']);
    await fleet.host('h01').reboot({ abrupt: true });
    const failed = await exits(4, running.ended);
    expect(failed.stderr).toMatch(/h01 .*before_activate hook drain: it was interrupted/);
    expect(await onHost('h01')).toEqual(['begun h01']);
    expect(await links()).toEqual(before);
    expect(existsSync(join(bastion.dir, 'log'))).toBe(true);
    expect((await ask(0, 'lock', 'status', '-g', 'web')).stdout).toBe('Nothing is locked.\n');
  });
});

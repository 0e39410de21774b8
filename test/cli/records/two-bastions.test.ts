import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseServer } from '../../history/support/database-server.js';
import { hasPostgres, startPostgres } from '../../history/support/postgres-server.js';
import { practiceLab } from '../../lab/support/practice-lab.js';
import { builtFleet, endOf, type ProcessEnd, says } from '../../security/support/built-fleet.js';

const HOSTS = ['web01', 'web02', 'web03'];

const configFor = (history: string): string => `app: shop
root: ~/shop
service: { unit: shop.service }
release: { from: ./releases/good }
shared: [.env]
history: ${history}
policy:
  waves: [1, rest]
  max_unavailable: "100%"
  min_healthy_time: 300ms
  healthy_deadline: 8s
  confirm_deadline: 20s
  lease: 5s
`;

/** A process on a bastion: one person, with a state folder and a working folder of their own. */
interface Bastion {
  readonly dir: string;
  readonly name: string;
  start(...args: readonly string[]): ChildProcess;
  run(...args: readonly string[]): Promise<ProcessEnd>;
  json(...args: readonly string[]): Promise<Record<string, unknown>>;
  /** A release that no host has had yet. */
  stamp(text: string): void;
}

describe.skipIf(!hasPostgres())('two bastions on one PostgreSQL', () => {
  const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
  const built = builtFleet();
  let server: DatabaseServer;
  const folders: string[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await server?.stop();
  });

  function bastionOf(name: string, history: string): Bastion {
    const dir = mkdtempSync(join(tmpdir(), `fleet-${name}-`));
    folders.push(dir);
    cpSync(join(built.dir, 'releases'), join(dir, 'releases'), { recursive: true });
    writeFileSync(join(dir, 'fleet.yaml'), configFor(history));
    const env = { HOME: dir, XDG_STATE_HOME: join(dir, '.state'), FLEET_OPERATOR: name };
    const start = (...args: readonly string[]) => built.start(args, { cwd: dir, env });
    return {
      ...{ dir, name, start },
      run: (...args) => endOf(start(...args)),
      json: async (...args) => JSON.parse((await endOf(start(...args, '--json'))).stdout),
      stamp: (text) => writeFileSync(join(dir, 'releases/good/stamp'), text),
    };
  }

  const where = () => built.on(practice.lab);

  function twoBastions() {
    const url = server.freshUrl();
    return { url, ada: bastionOf('ada', url), bob: bastionOf('bob', url) };
  }

  /** A deploy of ada that is killed, or suspended, while the second wave is activated. */
  async function cutDeploy(ada: Bastion, stamp: string, signal: 'SIGKILL' | 'SIGSTOP') {
    ada.stamp(`${stamp}-old`);
    expect(await ada.run('deploy', ...where(), '--yes')).toMatchObject({ code: 0 });
    ada.stamp(stamp);
    await practice.lab.fault('web03', 'slow', true, { ms: 60_000, match: 'activate' });
    const deploy = ada.start('deploy', ...where(), '--yes', '-v', '--reason', 'ticket 4711');
    await says(deploy, /web02.*(linked|restarted)/);
    await shared(ada);
    const ended = endOf(deploy);
    deploy.kill(signal);
    if (signal === 'SIGKILL') await ended;
    await practice.lab.fault('web03', 'slow', false);
    return { run: newestRun(ada), deploy, ended };
  }

  const killedDeploy = async (ada: Bastion, stamp: string): Promise<string> =>
    (await cutDeploy(ada, stamp, 'SIGKILL')).run;

  /** What was decided has reached the history: it is gathered for half a second. */
  const shared = (ada: Bastion) =>
    expect
      .poll(() =>
        server.sql(`select count(*) from run_documents where run = '${newestRun(ada)}'`, base(ada)),
      )
      .not.toBe('1');

  const base = ({ dir }: Bastion): string =>
    /fleet\d+$/m.exec(readFileSync(join(dir, 'fleet.yaml'), 'utf8'))?.[0] ?? '';

  test('one is killed in the middle of a wave; the other sees who holds the hosts, recovers them, and the history tells both parts', async () => {
    const { ada, bob } = twoBastions();
    const run = await killedDeploy(ada, 'first');
    const refused = await bob.run('deploy', ...where(), '--yes');
    expect(refused).toMatchObject({ code: 7 });
    expect(refused.stderr).toMatch(new RegExp(`Run ${run}: deploy of shop`));
    expect(refused.stderr).toMatch(/by ada@.*since.*ticket 4711/);
    const status = await bob.run('lock', 'status', ...where());
    expect(status.stdout).toContain(`fleet resume ${run}`);
    expect(await bob.json('lock', 'status', ...where())).toMatchObject({
      runs: [{ run, operator: expect.stringMatching(/^ada@/), reason: 'ticket 4711' }],
    });
    await leasesEnd(bob);
    expect(await bob.run('recover', ...where(), '--yes')).toMatchObject({ code: 0 });
    const shown = await bob.json('show', run);
    expect(shown).toMatchObject({
      state: 'stopped_mixed',
      operator: expect.stringMatching(/^ada@/),
    });
    expect(JSON.stringify(shown.events)).toMatch(/recovered by bob@.*before, it was a run of ada@/);
    expect((await ada.run('show', run)).stdout).toMatch(/recovered by bob@/);
    expect((await bob.run('history')).stdout).toContain(run);
    expect((await bob.run('recover', ...where(), '--yes')).stdout).toContain('nothing to recover');
  }, 120_000);

  /** The lease of a dead run counts down on the hosts. */
  const leasesEnd = (bob: Bastion) =>
    expect
      .poll(
        async () => {
          const { held } = await bob.json('lock', 'status', ...where());
          return Array.isArray(held) && held.every(({ state }) => state === 'stale');
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe(true);

  test('the other goes on with a run whose bastion is gone, and its records say who began it', async () => {
    const { ada, bob } = twoBastions();
    const run = await killedDeploy(ada, 'second');
    expect(await bob.run('resume', run, '--yes')).toMatchObject({ code: 7 });
    await leasesEnd(bob);
    const lacking = await bob.run('resume', run, '--yes');
    expect(lacking).toMatchObject({ code: 0 });
    const shown = await bob.json('show', run);
    expect(shown).toMatchObject({
      state: 'succeeded',
      hosts: HOSTS.map((host) => ({ host, state: 'done' })),
    });
    expect(JSON.stringify(shown.events)).toMatch(/resumed by bob@.*before, it was a run of ada@/);
    // The first bastion is back, and its journal is older than what the other did.
    expect(await ada.run('resume', run, '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(run_over)'),
    });
  }, 120_000);

  test('the first one comes back to life: it changes nothing on any host nor in the record, and ends with 7', async () => {
    const { ada, bob } = twoBastions();
    const { run, deploy, ended } = await cutDeploy(ada, 'third', 'SIGSTOP');
    await leasesEnd(bob);
    expect(await bob.run('recover', ...where(), '--yes')).toMatchObject({ code: 0 });
    const before = await bob.json('show', run);
    expect(before).toMatchObject({ state: 'stopped_mixed' });
    deploy.kill('SIGCONT');
    expect(await ended).toMatchObject({ code: 7 });
    const { state, endedAt, hosts } = before;
    expect(await bob.json('show', run)).toMatchObject({ state, endedAt, hosts });
    expect(await ada.run('history', 'sync')).toMatchObject({ code: 0 });
    expect(await bob.json('show', run)).toMatchObject({ state, endedAt, hosts });
  }, 120_000);

  test('two recover at once: each host is settled once, and the record has an end', async () => {
    const { url, ada, bob } = twoBastions();
    const cleo = bastionOf('cleo', url);
    const run = await killedDeploy(ada, 'fourth');
    await leasesEnd(bob);
    const both = await Promise.all([bob, cleo].map((at) => at.run('recover', ...where(), '--yes')));
    expect(both.map(({ code }) => code).filter((code) => code !== 0 && code !== 7)).toEqual([]);
    expect(await cleo.run('recover', ...where(), '--yes')).toMatchObject({ code: 0 });
    expect(await bob.json('show', run)).toMatchObject({ state: 'stopped_mixed' });
    expect(await bob.json('lock', 'status', ...where())).toMatchObject({ held: [] });
  }, 120_000);

  test('the history is down meanwhile: the hosts are recovered all the same, and the record is closed later', async () => {
    const { ada, bob } = twoBastions();
    const run = await killedDeploy(ada, 'fifth');
    await leasesEnd(bob);
    await server.kill();
    const recovered = await bob.run('recover', ...where(), '--yes');
    expect(recovered).toMatchObject({ code: 0 });
    expect(recovered.stderr).toMatch(new RegExp(`the record of run ${run} stays open`));
    const unknown = await bob.run('resume', run, '--yes');
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(history_unavailable)'),
    });
    await server.start();
    expect(await bob.run('recover', ...where(), '--yes')).toMatchObject({ code: 0 });
    const shown = await bob.json('show', run);
    expect(shown).toMatchObject({ state: 'stopped_mixed' });
    expect(JSON.stringify(shown.events)).toMatch(/recovered by bob@/);
  }, 120_000);
});

const newestRun = ({ dir }: Bastion): string =>
  readdirSync(join(dir, '.state/fleet/runs')).toSorted().at(-1) ?? '';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { lookAtAll, wipe } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
const POLICY = {
  waves: [1, 1, 'rest'],
  max_unavailable: 1,
  min_healthy_time: '1500ms',
  healthy_deadline: '8s',
  lease: '5s',
};

describe('a run that people control from another shell', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: POLICY } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 4 });
    bastion.use(fleet);
  });
  afterEach(() => wipe(fleet.hosts));
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  const links = async () => (await lookAtAll(fleet.hosts)).map(({ link }) => link);

  async function firstRelease(): Promise<string> {
    bastion.release(shop('old'));
    bastion.configure({ policy: { ...POLICY, waves: ['rest'], max_unavailable: '100%' } });
    await exits(0, bastion.fleet(DEPLOY));
    bastion.configure({ policy: POLICY });
    bastion.release(shop('new'));
    return (await links())[0] ?? '';
  }

  /** Starts a second release, and waits until its canary is done. */
  async function inSecondWave(...flags: readonly string[]) {
    const old = await firstRelease();
    const run = bastion.start([...DEPLOY, '-v', ...flags]);
    await run.says(/h02.*linked/);
    const { runs } = (await exits(0, bastion.fleet(['history', '--json']))).json();
    return { old, run, id: String(runs[0].run) };
  }

  test('pauses between two hosts, keeps its locks, and goes on after a new gate', async () => {
    const { old, run, id } = await inSecondWave('--on-pause', 'wait');
    const paused = await exits(0, bastion.fleet(['pause', id, '--json']));
    expect(paused.json()).toMatchObject({ run: id, action: 'pause', state: 'is paused' });
    const during = await links();
    expect(during.at(-1)).toBe(old);
    // For longer than its lease; its heartbeat keeps others out.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const other = await exits(7, bastion.fleet(DEPLOY));
    expect(other.stderr).toContain(id);
    expect(await links()).toEqual(during);
    const lock = (await bastion.fleet(['lock', 'status', '-g', 'web', '--json'])).json();
    expect(lock.held).toHaveLength(5);
    expect(lock.held.every(({ state }: { state: string }) => state === 'held')).toBe(true);
    await exits(0, bastion.fleet(['resume', id.slice(0, -2)]));
    const ended = await exits(0, run.ended);
    expect(ended.stderr).toMatch(
      /paused by ops@.*\n(.*\n)*.*resumed by ops@.*\n(.*\n)*.*gate passed/,
    );
    expect(new Set(await links()).size).toBe(1);
  });

  test('without a terminal ends paused with 8, unlocks its hosts, and is resumed by id', async () => {
    const { old, run, id } = await inSecondWave();
    await bastion.fleet(['pause', id]);
    const ended = await exits(8, run.ended);
    expect(ended.stdout).toContain(`fleet resume ${id}`);
    const held = (await bastion.fleet(['lock', 'status', '-g', 'web', '--json'])).json();
    expect(held.held).toEqual([]);
    expect((await links()).at(-1)).toBe(old);
    const resumed = await exits(0, bastion.fleet(['resume', id, '--yes', '--json']));
    expect(resumed.json()).toMatchObject({ run: id, state: 'succeeded' });
    expect(new Set(await links()).size).toBe(1);
    await exits(2, bastion.fleet(['resume', id, '--yes']));
  });

  test('waits for approval before a wave that needs it', async () => {
    const old = await firstRelease();
    bastion.configure({ policy: { ...POLICY, waves: [1, { approve: true }, 'rest'] } });
    const run = bastion.start([...DEPLOY, '--on-pause', 'wait', '-v']);
    await run.says(/paused, wave 2 waits for approval: fleet resume/);
    const [canary, ...others] = await links();
    expect(canary).not.toBe(old);
    expect(others).toEqual([old, old, old]);
    const { runs } = (await exits(0, bastion.fleet(['history', '--json']))).json();
    await exits(0, bastion.fleet(['resume', runs[0].run]));
    await exits(0, run.ended);
    expect(new Set(await links()).size).toBe(1);
  });

  test('is aborted as by Ctrl-C, and shows who did it', async () => {
    const { old, run, id } = await inSecondWave();
    const aborted = await exits(0, bastion.fleet(['abort', id]));
    expect(aborted.stdout).toMatch(/has ended: interrupted/);
    const ended = await exits(130, run.ended);
    expect(ended.stdout).toMatch(/aborted by ops@/i);
    expect((await links()).at(-1)).toBe(old);
    await exits(2, bastion.fleet(['pause', id]));
    // The rest of it can be continued.
    await exits(0, bastion.fleet(['resume', id, '--yes']));
    expect(new Set(await links()).size).toBe(1);
  });

  test('whose controller was killed is continued in a newer epoch', async () => {
    const { run, id } = await inSecondWave();
    run.child.kill('SIGKILL');
    await run.ended;
    const resumed = await exits(0, bastion.fleet(['resume', id, '--yes', '--json']));
    expect(resumed.json()).toMatchObject({ run: id, kind: 'deploy', state: 'succeeded' });
    expect(resumed.stderr).toMatch(/The run left \d hosts unfinished/);
    expect(new Set(await links()).size).toBe(1);
    const states = await Promise.all(
      fleet.hosts.map((host) => host.run('grep -h ^epoch= /opt/shop/.fleet/state')),
    );
    expect(states.every(({ stdout }) => Number(stdout.trim().split('=').at(-1)) >= 3)).toBe(true);
  });

  test('whose locks are taken by force is fenced out, and ends with 7', async () => {
    const { old, run, id } = await inSecondWave('--on-pause', 'wait');
    await exits(0, bastion.fleet(['pause', id]));
    const asked = await exits(2, bastion.fleet(['lock', 'release', '-g', 'web']));
    expect(asked.stderr).toContain(`run ${id} of ops@`);
    await exits(0, bastion.fleet(['lock', 'release', '-g', 'web', '--force']));
    const ended = await exits(7, run.ended);
    expect(ended.stdout).toMatch(/fenced|another run/);
    expect((await links()).at(-1)).toBe(old);
    const status = (await bastion.fleet(['status', '-g', 'web', '--json'])).json();
    expect(status.hosts.every(({ drift }: { drift: string | null }) => drift === null)).toBe(true);
  });

  test('is waited for by the next run if its flags say so', async () => {
    const { run } = await inSecondWave();
    const next = bastion.start([...DEPLOY, '--lock-wait', '60s']);
    await next.says(/Waiting for run/);
    await exits(0, run.ended);
    const ended = await exits(0, next.ended);
    expect(ended.stderr).toMatch(/Nothing to do|unchanged/);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { lookAtAll, wipe } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
const POLICY = {
  waves: [1, 2, 'rest'],
  max_unavailable: '100%',
  min_healthy_time: '1200ms',
  healthy_deadline: '8s',
};

describe('Ctrl-C', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: POLICY } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 4 });
    bastion.use(fleet, { connect_timeout: '20s' });
  });
  afterEach(() => wipe(fleet.hosts));
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  /** Deploys a first release, and starts a second up to the middle of its second wave. */
  async function inSecondWave(...flags: readonly string[]) {
    bastion.release(shop('old'));
    bastion.configure({ policy: { ...POLICY, waves: ['rest'], min_healthy_time: '0s' } });
    await exits(0, bastion.fleet(DEPLOY));
    bastion.configure({ policy: POLICY });
    bastion.release(shop('new'));
    const run = bastion.start([...DEPLOY, ...flags]);
    await run.says(/h03.*linked/);
    return run;
  }

  const links = async () => (await lookAtAll(fleet.hosts)).map(({ link }) => link);

  test('lets hosts in flight reach a settled state, starts no other, and shows what is mixed', async () => {
    const run = await inSecondWave('-v');
    run.child.kill('SIGINT');
    const ended = await exits(130, run.ended);
    expect(ended.stderr).toContain('Ctrl-C again');
    const [first, second, third, last] = await links();
    expect([second, third]).toEqual([first, first]);
    expect(last).not.toBe(first);
    expect(ended.stdout).toMatch(/interrupted/i);
    expect(ended.stdout).toMatch(/h04|1 host/);
    const { hosts } = (await exits(0, bastion.fleet(['status', '-g', 'web', '--json']))).json();
    expect(hosts.map(({ drift }: { drift: string | null }) => drift)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    // Nothing blocks the run from continuing.
    await exits(0, bastion.fleet(DEPLOY));
    expect(new Set(await links()).size).toBe(1);
  });

  test('twice disconnects at once, and shows how to see what the hosts do', async () => {
    const run = await inSecondWave('-v');
    run.child.kill('SIGINT');
    await run.says(/Ctrl-C again/);
    const began = performance.now();
    run.child.kill('SIGINT');
    const ended = await exits(130, run.ended);
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(ended.stderr).toMatch(/fleet (status|recover) -g web/);
    const status = (await bastion.fleet(['status', '-g', 'web', '--json'])).json();
    expect(status.hosts[1].drift).toContain('claimed by');
    const next = await exits(0, bastion.fleet(DEPLOY));
    expect(next.stderr).toContain('An earlier run left hosts unfinished');
    expect(new Set(await links()).size).toBe(1);
  });

  test('with --json shows how it ended in one object', async () => {
    bastion.release(shop('old'));
    const run = bastion.start([...DEPLOY, '--json', '-v']);
    await run.says(/h01.*linked/);
    run.child.kill('SIGINT');
    const ended = await exits(130, run.ended);
    expect(ended.json()).toMatchObject({ exitCode: 130, state: 'stopped_mixed' });
  });

  test('while hosts are being checked ends at once, with nothing changed', async () => {
    bastion.release(shop('old'));
    await fleet.host('h02').run('pkill -STOP -x sshd');
    const run = bastion.start(DEPLOY);
    await run.says(/checking/);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const began = performance.now();
    run.child.kill('SIGINT');
    const ended = await exits(130, run.ended);
    expect(performance.now() - began).toBeLessThan(4_000);
    await fleet.host('h02').run('pkill -CONT -x sshd');
    expect(ended.stderr).toContain('interrupted; nothing was changed');
    expect(ended.stderr).not.toContain('in flight');
    expect(await links()).toEqual(['', '', '', '']);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { lookAtAll, wipe } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
const POLICY = {
  waves: [1, 'rest'],
  max_unavailable: '100%',
  min_healthy_time: '1s',
  healthy_deadline: '5s',
  confirm_deadline: '10s',
  lease: '6s',
};

describe('a controller that stops sending', () => {
  let fleet: RealFleet;
  const first = new Bastion({ config: { policy: POLICY } });
  const second = new Bastion({ config: { policy: POLICY } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3, sudo: { systemdRun: true } });
    first.use(fleet);
    second.use(fleet);
  });
  afterEach(async () => {
    await Promise.all(fleet.hosts.map((host) => host.linkUp()));
    await wipe(fleet.hosts);
  });
  afterAll(async () => {
    first.close();
    second.close();
    await fleet?.shutdown();
  });

  const links = async () => (await lookAtAll(fleet.hosts)).map(({ link }) => link);
  const logs = async () =>
    (await Promise.all(fleet.hosts.map((host) => host.run('cat /opt/shop/.fleet/log')))).map(
      ({ stdout }) => stdout,
    );

  async function firstRelease(): Promise<string> {
    first.release(shop('old'));
    first.configure({ policy: { ...POLICY, waves: ['rest'] } });
    await exits(0, first.fleet(DEPLOY));
    first.configure({ policy: POLICY });
    first.release(shop('new'));
    second.release(shop('other'));
    return (await links())[0] ?? '';
  }

  test('and resumes after its lease changes nothing on any host, and ends with 7', async () => {
    const old = await firstRelease();
    const run = first.start([...DEPLOY, '-v']);
    await run.says(/h02.*linked/);
    run.child.kill('SIGSTOP');
    // From another bastion, which knows that run only from the hosts.
    const refused = await exits(7, second.fleet(DEPLOY));
    expect(refused.stderr).toMatch(/lease|holds/);
    await exits(0, second.fleet([...DEPLOY, '--lock-wait', '60s']));
    const after = await links();
    expect(new Set(after).size).toBe(1);
    expect(after[0]).not.toBe(old);
    const before = await logs();
    run.child.kill('SIGCONT');
    const ended = await exits(7, run.ended);
    expect(ended.stdout).toMatch(/fenced|another run/);
    expect(await links()).toEqual(after);
    expect(await logs()).toEqual(before);
  });

  test('forever leaves hosts that roll back automatically in time', async () => {
    const old = await firstRelease();
    const run = first.start([...DEPLOY, '-v']);
    await run.says(/h01.*linked/);
    run.child.kill('SIGKILL');
    await run.ended;
    await expect.poll(links, { timeout: 30_000, interval: 500 }).toEqual([old, old, old]);
    await expect
      .poll(async () => (await logs())[0], { timeout: 30_000 })
      .toMatch(/"verb":"revert"[^\n]*"epoch":null[^\n]*"after":"idle"}\n$/);
    const [canary] = await lookAtAll(fleet.hosts);
    expect(canary).toMatchObject({ active: 'active', cwd: `/opt/shop/${old}` });
    const recovered = await exits(0, first.fleet(['recover', '--yes', '--json']));
    expect(recovered.json().hosts.map(({ state }: { state: string }) => state)).toEqual(
      Array(3).fill('released'),
    );
    const { runs } = (await first.fleet(['history', '--json'])).json();
    expect(runs[0]).toMatchObject({ state: 'rolled_back', exitCode: 4 });
  });

  test('because the network failed leaves a host that rolls back automatically, and a run that reports it', async () => {
    const old = await firstRelease();
    const run = first.start([...DEPLOY, '-v', '--json']);
    await run.says(/h01.*linked/);
    await fleet.host('h01').linkDown();
    await expect.poll(async () => (await links())[0], { timeout: 30_000, interval: 500 }).toBe(old);
    await fleet.host('h01').linkUp();
    const ended = await exits(4, run.ended);
    expect(ended.json().hosts[0]).toMatchObject({ host: 'h01', state: 'reverted' });
    expect(await links()).toEqual([old, old, old]);
  });
});

describe('a release whose start never ends', () => {
  // A start without a limit blocks systemctl, and so the step and its lock, forever.
  const unit = `[Service]
User=deploy
WorkingDirectory=/opt/shop/current
TimeoutStartSec=infinity
ExecStartPre=/bin/sh -c 'test ! -e hang || exec sleep 1000'
ExecStart=/opt/shop/current/bin/start
`;
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: POLICY } });

  beforeAll(async () => {
    fleet = await bootRealFleet({
      count: 1,
      sudo: { systemdRun: true },
      units: { 'shop.service': unit },
    });
    bastion.use(fleet);
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  test('is rolled back by the automatic rollback timer, which ends the step that hangs', async () => {
    bastion.release(shop('old'));
    await exits(0, bastion.fleet(DEPLOY));
    const [before] = await lookAtAll(fleet.hosts);
    bastion.release({ ...shop('new'), hang: '' });
    const run = bastion.start([...DEPLOY, '-v']);
    await run.says(/h01.*linked/);
    const ended = await exits(4, run.ended);
    expect(ended.stderr + ended.stdout).toContain('h01');
    const [after] = await lookAtAll(fleet.hosts);
    expect(after).toMatchObject({ link: before?.link, active: 'active', cwd: before?.cwd });
  });
});

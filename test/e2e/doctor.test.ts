import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExitCode } from '../../src/errors/codes.js';
import type { DoctorReportJson } from '../../src/ui/reports/doctor/schema.js';
import type { GuardsJson } from '../../src/ui/reports/guard/schema.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { lookAt, lookAtAll } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
const POLICY = {
  waves: ['rest'],
  max_unavailable: '100%',
  min_healthy_time: '0s',
  healthy_deadline: '10s',
};
/** Long enough that every host is linked, restarted and watched when its power fails. */
const SLOW = { ...POLICY, min_healthy_time: '60s', healthy_deadline: '80s' };

/** The tests build on each other: a fleet is set up as doctor says, and then loses power. */
describe('a fleet that is set up as doctor says', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: POLICY } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3 });
    bastion.use(fleet);
  }, 600_000);
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  async function doctor(code: ExitCode): Promise<DoctorReportJson['hosts']> {
    return (await exits(code, bastion.fleet(['doctor', '-g', 'web', '--json']))).json().hosts;
  }

  async function guards(code: ExitCode, change: string): Promise<GuardsJson['hosts']> {
    const args = ['doctor', '-g', 'web', change, '--yes', '--json'];
    return (await exits(code, bastion.fleet(args))).json().hosts;
  }

  const onAll = (script: string) => Promise.all(fleet.hosts.map((host) => host.run(script)));

  test('is shown what would stop a run, and the hint, once for all hosts', async () => {
    await onAll('chown root: /opt/shop; mv /etc/sudoers.d/deploy /root/');
    const { stdout } = await exits(2, bastion.fleet(['doctor', '-g', 'web']));
    expect(stdout).toContain('h[01:03] (3)  would stop a run:');
    expect(stdout).toContain('sudo mkdir -p /opt/shop && sudo chown -h deploy /opt/shop');
    const [service = ''] = /^ +(deploy ALL=.* restart shop\.service.*)$/m.exec(stdout) ?? [];
    expect(service).not.toBe('');
    await onAll(`chown deploy: /opt/shop; echo '${service.trim()}' >/etc/sudoers.d/doctor`);
    const hosts = await doctor(0);
    expect(hosts.map(({ deadMan }) => deadMan?.used)).toEqual(['process', 'process', 'process']);
  });

  test('is shown a command for its root that gives no other folder to the login', async () => {
    const [host] = fleet.hosts;
    if (!host) throw new Error('there are hosts');
    const [remedy = ''] = /sudo mkdir .*$/m.exec(await rootRemedy(host)) ?? [];
    // The login may write the folder above, and has replaced the root by a link to another folder.
    await host.run('mv /opt/shop /opt/kept; mkdir /opt/other; ln -s other /opt/shop');
    expect(await host.run(remedy)).toMatchObject({ code: 0 });
    expect((await host.run('stat -c %U /opt/other /opt/shop')).stdout).toBe('root\ndeploy\n');
    await host.run(
      'rm /opt/shop; rmdir /opt/other; mv /opt/kept /opt/shop; chown deploy: /opt/shop',
    );
  });

  async function rootRemedy(host: RealHost): Promise<string> {
    await host.run('chown root: /opt/shop');
    return (await exits(2, bastion.fleet(['doctor', '-g', 'web', '-l', host.name]))).stdout;
  }

  test('arms its rollback timers in the system tier once it has the sudo line, which allows nothing else', async () => {
    const [host] = await doctor(0);
    const lines = host?.sudoers.map(({ line }) => line) ?? [];
    expect(lines).toHaveLength(1);
    const checks = await onAll(
      `cat >>/etc/sudoers.d/doctor <<'END' && chmod 440 /etc/sudoers.d/doctor && visudo -c\n${lines.join('\n')}\nEND`,
    );
    expect(checks.map(({ code }) => code)).toEqual([0, 0, 0]);
    const hosts = await doctor(0);
    expect(hosts.map(({ deadMan }) => deadMan?.used)).toEqual(['system', 'system', 'system']);
    expect(hosts.flatMap(({ sudoers }) => sudoers)).toEqual([]);

    const start =
      '--uid=deploy --quiet --collect --unit=fleet-x --on-active=1ms --timer-property=AccuracySec=100ms';
    const rest = `/bin/sh /opt/shop/.fleet/bin/ab step revert root=/opt/shop txn=x guard=1`;
    const allowed = async (command: string) =>
      (await fleet.host('h01').ssh(`sudo -n -l ${command}`)).code === 0;
    expect(await allowed(`systemd-run ${start} ${rest}`)).toBe(true);
    expect(await allowed(`systemd-run ${start} --uid=0 ${rest}`)).toBe(false);
    expect(
      await allowed(`systemd-run ${start.replace('fleet-x', "'fleet-x --uid=0'")} ${rest}`),
    ).toBe(false);

    bastion.release(shop('old'));
    const { stderr } = await exits(0, bastion.fleet(DEPLOY));
    expect(stderr).toContain('system timer on all 3');
    expect(stderr).toContain('none on all 3: a reboot during activation keeps the new release');
    const { stdout } = await fleet.host('h01').run('journalctl -t sudo');
    expect(stdout).toMatch(/systemd-run --uid=deploy --quiet --collect --unit=fleet-\S+/);
  });

  test('gets its boot guard from an admin if the login user cannot install it', async () => {
    const asked = ['doctor', '-g', 'web', '--install-guard'];
    expect((await exits(2, bastion.fleet(asked))).stderr).toContain('--yes');
    const { stdout } = await exits(2, bastion.fleet([...asked, '--yes']));
    const [, commands = ''] = /which records it:\n\n(.*)$/s.exec(stdout) ?? [];
    await Promise.all(guarded().map((host) => host.run(`set -e\n${commands}`)));
    const hosts = await guards(2, '--install-guard');
    expect(hosts.map(({ state }) => state)).toEqual(['unchanged', 'unchanged', 'refused']);
    expect((await doctor(0)).map(({ guard }) => guard)).toEqual([true, true, false]);
    const verify = 'systemd-analyze verify /etc/systemd/system/fleet-guard-shop.service';
    expect((await fleet.host('h01').run(`${verify} 2>&1`)).stdout).not.toMatch(/fleet-guard/);
  });

  test('boots on the old release with a boot guard, and on the new one without', async () => {
    const before = await lookAtAll(fleet.hosts);
    bastion.configure({ policy: SLOW });
    bastion.release(shop('new'));
    const run = bastion.start([...DEPLOY, '-v']);
    await Promise.all(fleet.hosts.map(({ name }) => run.says(new RegExp(`${name}.*restarted`))));
    run.child.kill('SIGKILL');
    const [first, second, third] = fleet.hosts;
    if (!first || !second || !third) throw new Error('there are three hosts');
    expect((await lookAt(first)).link).not.toBe(before[0]?.link);
    await Promise.all([first.reboot({ abrupt: true }), second.reboot(), third.reboot()]);

    const after = await lookAtAll(fleet.hosts);
    for (const index of [0, 1]) {
      expect(after[index]?.link).toBe(before[index]?.link);
      expect(after[index]).toMatchObject({ active: 'active', cwd: `/opt/shop/${before[0]?.link}` });
    }
    expect(after[2]?.link).not.toBe(before[2]?.link);
    expect(after[2]).toMatchObject({ active: 'active', cwd: `/opt/shop/${after[2]?.link}` });

    const hosts = await doctor(2);
    expect(hosts.map(({ open }) => open?.phase ?? null)).toEqual([null, null, 'restarted']);
    expect(hosts.map(({ notes }) => notes.some(({ code }) => code === 'rebooted'))).toEqual([
      false,
      false,
      true,
    ]);
    const { stdout } = await first.run(
      'cat /opt/shop/.fleet/state; systemctl show -p Result,ExecMainStatus fleet-guard-shop.service',
    );
    expect(stdout).toMatch(/^phase=idle$/m);
    expect(stdout).toMatch(/^Result=success\nExecMainStatus=0$/m);
  });

  test('starts its app even if the boot guard fails, and only an admin removes the boot guard', async () => {
    const [host] = fleet.hosts;
    if (!host) throw new Error('there are hosts');
    await host.run('echo phase=linked >>/opt/shop/.fleet/state; chmod 000 /opt/shop/.fleet/lock');
    await host.reboot();
    expect(await lookAt(host)).toMatchObject({ active: 'active' });
    const guard = await host.run('systemctl is-failed fleet-guard-shop.service');
    expect(guard.stdout).toBe('failed\n');
    await host.run('chmod 644 /opt/shop/.fleet/lock; echo phase=idle >>/opt/shop/.fleet/state');
    expect((await guards(2, '--remove-guard')).map(({ state }) => state)).toEqual([
      'refused',
      'refused',
      'unchanged',
    ]);
    await onAll("echo 'deploy ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/all");
    expect((await guards(0, '--remove-guard')).map(({ state }) => state)).toEqual([
      'removed',
      'removed',
      'unchanged',
    ]);
    expect((await guards(0, '--install-guard')).map(({ state }) => state)).toEqual([
      'installed',
      'installed',
      'installed',
    ]);
  });

  /** The boot guards that an admin manages. */
  const guarded = (): readonly RealHost[] => fleet.hosts.slice(0, 2);
});

/** A service of the login user, run by the user's own systemd, which lingers and so starts it at boot. */
const MINE = `[Service]
WorkingDirectory=%h/shop/current
ExecStart=%h/shop/current/bin/start
TimeoutStopSec=5
[Install]
WantedBy=default.target
`;

test("a user's service has its own boot guard, which needs no rights", async () => {
  const fleet = await bootRealFleet({ count: 1, sudo: false, userManager: true });
  const service = { unit: 'mine.service', scope: 'user' };
  const bastion = new Bastion({ config: { root: '~/shop', service, policy: POLICY } }).use(fleet);
  try {
    const host = fleet.host('h01');
    const units = '.config/systemd/user';
    await host.ssh(`mkdir -p ${units} && cat >${units}/mine.service`, { input: MINE });
    const systemctl = 'XDG_RUNTIME_DIR=/run/user/1000 systemctl --user';
    await host.ssh(`${systemctl} daemon-reload && ${systemctl} enable mine.service`);
    bastion.release(shop('old'));
    await exits(0, bastion.fleet(DEPLOY));
    await exits(0, bastion.fleet(['doctor', '-g', 'web', '--install-guard', '--yes']));
    const [found] = (await exits(0, bastion.fleet(['doctor', '-g', 'web', '--json']))).json().hosts;
    expect(found).toMatchObject({ guard: true, deadMan: { used: 'user' }, notes: [], sudoers: [] });

    const link = async () => (await host.ssh('readlink shop/current')).stdout;
    const before = await link();
    bastion.configure({ root: '~/shop', service, policy: SLOW });
    bastion.release(shop('new'));
    const run = bastion.start([...DEPLOY, '-v']);
    await run.says(/h01.*restarted/);
    run.child.kill('SIGKILL');
    expect(await link()).not.toBe(before);
    await host.reboot({ abrupt: true });
    expect(await link()).toBe(before);
    const { stdout } = await host.ssh(
      `${systemctl} is-active mine.service; readlink /proc/$(${systemctl} show -p MainPID --value mine.service)/cwd`,
    );
    expect(stdout).toBe(`active\n/home/deploy/shop/${before}`);
  } finally {
    bastion.close();
    await fleet.shutdown();
  }
});

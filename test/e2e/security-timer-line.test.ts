import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteAll } from '../../src/host/quote.js';
import type { DoctorReportJson } from '../../src/ui/reports/doctor/schema.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { commandLines, commandsOf } from '../security/support/sudo-cuts.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { shop } from './support/shop-app.js';

/** What fleet showed before the user came first. */
const OLD_LINE =
  'deploy ALL=(root) NOPASSWD: /usr/bin/systemd-run ^--quiet --collect --unit=fleet-[A-Za-z0-9._-]+ ' +
  '--uid=1000 --on-active=[0-9]+ms --timer-property=AccuracySec=100ms /bin/sh ' +
  '/opt/shop/\\.fleet/bin/[0-9a-f]+ step revert root=/opt/shop txn=[A-Za-z0-9._-]+ guard=1$';

/** The tests build on each other, on one host with real sudo and real systemd. */
describe('the line for the timer, as doctor shows it', () => {
  let fleet: RealFleet;
  let host: RealHost;
  const bastion = new Bastion({ config: { policy: QUICK } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 1 });
    host = fleet.host('h01');
    bastion.use(fleet);
  }, 600_000);
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  async function doctor(): Promise<DoctorReportJson['hosts'][number]> {
    const [row] = (await exits(0, bastion.fleet(['doctor', '-g', 'web', '--json']))).json().hosts;
    return row;
  }
  const codes = async () => (await doctor()).notes.map(({ code }) => code);

  /** Has deploy call sudo with each of these, and says as whom its program was run, each user once. */
  async function runAll(lines: readonly (readonly string[])[]): Promise<readonly string[]> {
    // Each has a unit of its own, or it would fail for no better reason than that there is one.
    const calls = lines
      .map((words, at) => words.map((word) => word.replaceAll('x2', `x${at}`)))
      .map((words) => `sudo -n ${quoteAll(words)} <&- >&- 2>&-`)
      .join('\n');
    await host.ssh(
      'mkdir -p /opt/shop/.fleet/bin; cat >/opt/shop/.fleet/bin/ab; >/var/tmp/who; chmod 666 /var/tmp/who',
      {
        input: 'id -u >>/var/tmp/who\n',
      },
    );
    await host.ssh('cat >calls && sh calls; rm -f calls', {
      input: `${calls}\n`,
      timeout: 150_000,
    });
    const waiting = `systemctl list-units --all --no-legend 'fleet-*'`;
    await host.run(
      `until ! ${waiting} | grep -Eq ' (active|activating|deactivating) '; do sleep 0.1; done`,
    );
    const { stdout } = await host.run('sort -u /var/tmp/who');
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('is installed as doctor says, once visudo has checked it, and the timer starts with it', async () => {
    const { deadMan, sudoers } = await doctor();
    expect(deadMan?.used).toBe('process');
    const [line = '', ...others] = sudoers.map((one) => one.line);
    expect(others).toEqual([]);
    const { stdout } = await exits(0, bastion.fleet(['doctor', '-g', 'web']));
    const [, file = ''] = /write only this line to (\S+), then/.exec(stdout) ?? [];
    const [command = ''] = /cd \S+ && visudo .*$/m.exec(stdout) ?? [];
    await host.run(`cat >${file} <<'END'\n${line}\nEND`);
    expect(await host.run(command)).toMatchObject({ code: 0 });
    expect(await doctor()).toMatchObject({ deadMan: { used: 'system' }, sudoers: [] });
    bastion.release(shop('one'));
    const deploy = ['deploy', '-g', 'web', '--from', 'git:HEAD:app', '--yes'];
    expect((await exits(0, bastion.fleet(deploy))).stderr).toContain('system timer');
  });

  test('starts nothing as root, however its words are split and whatever is inserted', async () => {
    const { stdout } = await host.run('cat /etc/sudoers.d/*timer* /etc/sudoers.d/deploy');
    const lines = stdout.split('\n').filter((line) => line.includes('systemd-run'));
    expect(lines).toHaveLength(1);
    const calls = commandLines(commandsOf(lines[0] ?? '')[0] ?? []);
    expect(calls.length).toBeGreaterThan(611);
    expect(await runAll(calls)).toEqual(['1000']);
  });

  test('is distinguished from an old line, with which another split is enough to be root', async () => {
    await host.run(`echo '${OLD_LINE}' >/etc/sudoers.d/older`);
    expect(await codes()).toContain('unsafe_sudoers');
    expect(await runAll(commandLines(commandsOf(OLD_LINE)[0] ?? []).slice(0, 300))).toContain('0');
    const { stdout } = await exits(0, bastion.fleet(['doctor', '-g', 'web']));
    expect(stdout).toContain('visudo -f FILE');
    await host.run('rm /etc/sudoers.d/fleet-shop-timer');
    const alone = await doctor();
    expect(alone.notes.map(({ code }) => code)).toContain('unsafe_sudoers');
    expect(alone.sudoers.map(({ purpose }) => purpose)).toEqual(['dead_man']);
  });

  test('is not reported as missing if everything is allowed, with or without a password', async () => {
    await host.run(
      "mv /etc/sudoers.d/older /root/; echo 'deploy ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/all",
    );
    expect(await doctor()).toMatchObject({ deadMan: { used: 'system' }, sudoers: [] });
    expect(await codes()).not.toContain('unsafe_sudoers');
    await host.run(
      "mv /root/older /etc/sudoers.d/; echo 'deploy ALL=(ALL) ALL' >/etc/sudoers.d/all",
    );
    expect(await codes()).toContain('unsafe_sudoers');
    await host.run("rm /etc/sudoers.d/older; echo 'deploy ALL=(ALL) ALL' >/etc/sudoers.d/all");
    expect(await codes()).not.toContain('unsafe_sudoers');
  });
});

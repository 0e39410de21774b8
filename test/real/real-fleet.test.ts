import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { until } from './support/deadline.js';
import { realFleetObstacle } from './support/prerequisites.js';
import { bootRealFleet, type RealFleet } from './support/real-fleet.js';
import type { RealHost } from './support/real-host.js';
import { listSlots } from './support/slot.js';

const START = '#!/bin/sh\nexec busybox httpd -f -p 8080 -h .\n';

/** Stands in for what happens now and then to the real one. */
const FAILS_ONCE = `[Unit]
After=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'test -e /var/failed || ! touch /var/failed'
ExecStart=/lib/systemd/systemd-user-sessions start
`;

describe.skipIf(realFleetObstacle() !== undefined)('a real fleet', { timeout: 120_000 }, () => {
  let fleet: RealFleet;
  let first: RealHost;
  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 3 });
    first = fleet.host('h01');
  }, 600_000);
  afterAll(() => fleet.shutdown());

  it('lets deploy log in to every host, each with a name and identity of its own', async () => {
    const results = await Promise.all(
      fleet.hosts.map((host) => host.ssh('id -un; hostname; cat /etc/machine-id')),
    );
    const lines = results.map(({ stdout }) => stdout.trim().split('\n'));
    expect(lines.map(([user]) => user)).toEqual(['deploy', 'deploy', 'deploy']);
    expect(lines.map(([, name]) => name)).toEqual(['h01', 'h02', 'h03']);
    expect(new Set(lines.map(([, , id]) => id)).size).toBe(3);
  });

  it('gives every host a key of its own, recorded under its address', () => {
    const lines = readFileSync(fleet.knownHostsFile, 'utf8').trim().split('\n');
    expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(
      new Set(fleet.hosts.map(({ address }) => address)),
    );
    expect(new Set(lines.map((line) => line.split(' ')[2])).size).toBe(3);
  });

  it('writes an inventory of all hosts', () => {
    const file = join(fleet.dir, 'inventory.yaml');
    fleet.writeInventory(file, { group: 'edge' });
    expect(parse(readFileSync(file, 'utf8'))).toMatchObject({
      ssh: { user: 'deploy', identity_file: fleet.identityFile },
      groups: { edge: { hosts: [{ name: 'h01', address: first.address }, {}, {}] } },
    });
  });

  it('restarts the unit by sudo, and nothing else', async () => {
    await release(first);
    expect(await first.ssh('sudo -n systemctl restart shop.service')).toMatchObject({ code: 0 });
    expect((await first.ssh('systemctl is-active shop.service')).stdout).toBe('active\n');
    expect((await first.ssh('sudo -n systemctl restart ssh.service')).code).not.toBe(0);
    expect((await first.ssh('sudo -n id')).code).not.toBe(0);
  });

  it('keeps a host that is cut off from being reached, and its neighbours as they were', async () => {
    await first.linkDown();
    expect((await first.ssh('true')).code).toBe(255);
    expect((await first.run(['hostname'])).stdout).toBe('h01\n');
    expect((await fleet.host('h02').ssh('true')).code).toBe(0);
    await first.linkUp();
    expect((await first.ssh('true')).code).toBe(0);
  });

  it('reboots for real: a new boot id, and the enabled unit is back', async () => {
    const before = await first.run('cat /proc/sys/kernel/random/boot_id');
    await first.reboot();
    const after = await first.run('cat /proc/sys/kernel/random/boot_id');
    expect(after.stdout).not.toBe(before.stdout);
    expect((await first.ssh('systemctl is-active shop.service')).stdout).toBe('active\n');
  });

  it('survives a power cut, and stays off until it is started', async () => {
    const host = fleet.host('h03');
    await host.ssh('echo kept > note');
    await host.stop({ abrupt: true });
    expect((await host.ssh('true')).code).toBe(255);
    await host.start();
    expect((await host.ssh('cat note')).stdout).toBe('kept\n');
  });

  it('reboots a host whose cable is cut, and waits for no login', async () => {
    const host = fleet.host('h03');
    await host.linkDown();
    await host.reboot({ abrupt: true });
    expect((await host.run('systemctl is-active ssh.service')).stdout).toBe('active\n');
    await host.linkUp();
    expect((await host.ssh('true')).code).toBe(0);
  });

  it('boots a host again whose logins stay refused, says what failed, and keeps its settings', async () => {
    const fragile = await bootRealFleet({
      count: 1,
      sshd: ['MaxStartups 3:100:3'],
      units: { 'systemd-user-sessions.service': FAILS_ONCE },
    });
    const sshd = await fragile.host('h01').run('sshd -T | grep ^maxstartups');
    await fragile.shutdown();
    expect(sshd.stdout).toBe('maxstartups 3:100:3\n');
    expect(fragile.incidents).toEqual([expect.stringMatching(/^h01, boot 1: .*user-sessions/)]);
  });

  it('leaves nothing behind, and touches no other fleet', async () => {
    const other = await bootRealFleet({ count: 1 });
    expect(traces(other.slot)).not.toEqual([]);
    await other.shutdown();
    expect(traces(other.slot)).toEqual([]);
    expect((await fleet.host('h02').ssh('true')).code).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves nothing behind when %s ends its owner',
    async (signal) => {
      const owner = await startOwner();
      expect(traces(owner.slot)).not.toEqual([]);
      process.kill(owner.pid, signal);
      await until(30_000, 'the guardian', () => traces(owner.slot).length === 0);
      expect((await fleet.host('h02').ssh('true')).code).toBe(0);
    },
  );

  it('removes what is left when the guardian was killed with the owner', async () => {
    const owner = await startOwner();
    process.kill(owner.pid, 'SIGSTOP');
    process.kill(guardianOf(owner.slot), 'SIGKILL');
    process.kill(owner.pid, 'SIGKILL');
    await until(5_000, 'the owner to end', () => !existsSync(`/proc/${owner.pid}`));
    expect(traces(owner.slot)).not.toEqual([]);
    const next = await bootRealFleet({ count: 1 });
    await next.shutdown();
    expect(traces(owner.slot)).toEqual([]);
  });
});

/** Puts a release on a host, as far as a unit needs one. */
async function release(host: RealHost): Promise<void> {
  const done = await host.ssh(
    'cd /opt/shop && mkdir -p releases/1/bin && cat > releases/1/bin/start &&' +
      ' chmod +x releases/1/bin/start && ln -s releases/1 current',
    { input: START },
  );
  expect(done).toMatchObject({ code: 0 });
}

/** Whatever on this machine bears a slot's number. */
function traces(slot: number): readonly string[] {
  const script = `
    find /sys/fs/cgroup -path '*/fleet-lab/${slot}' 2>/dev/null
    find /sys/class/net /run/netns -maxdepth 1 -name 'flab${slot}' -o -name 'flab${slot}h*'
    awk '$5 ~ "^/var/lib/fleet-lab/${slot}(/|$)" { print $5 }' /proc/self/mountinfo
    find /var/lib/fleet-lab -maxdepth 1 -name '${slot}' -o -name '${slot}.owner'
    ps -eo args | grep -E '[m]achine=flab${slot}h'`;
  const output = execFileSync('sh', ['-c', `${script}\ntrue`], { encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}

/** A fleet that another process owns. */
async function startOwner(): Promise<{ readonly pid: number; readonly slot: number }> {
  const cli = fileURLToPath(new URL('support/cli.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', cli, 'up', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await until(60_000, 'the other fleet', () => /^slot /m.test(said));
  return { pid: child.pid ?? 0, slot: Number(/^slot +(\d+)/m.exec(said)?.[1]) };
}

function guardianOf(slot: number): number {
  const owner = listSlots().find((each) => each.number === slot)?.owner;
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  const line = lines.find((each) => each.includes(`--guard ${slot} ${owner}`));
  return Number(line?.trim().split(' ')[0]);
}

import { once } from 'node:events';
import { connect } from 'node:net';
import type ssh2 from 'ssh2';
import { describe, expect, test } from 'vitest';
import { login, runOn, showUnit } from './support/client.js';
import { practiceLab } from './support/practice-lab.js';

/** As the host program serves calls, and each leaves a mark after its output. */
const CALLS = `trap "" PIPE; serve() {
  while read -r _ id _ && read -r word; do echo "$id $word"; : >"ran-$word"; done
}; serve`;

const fleet = practiceLab({
  hosts: 9,
  unitText: '[Service]\nExecStart=/bin/sleep 1000\nRestart=no\n',
});

describe('a practice host with a fault', () => {
  test('refuse-logins fails every authentication, until it is off', async () => {
    await fleet.lab.fault('web01', 'refuse-logins', true);
    await expect(login(fleet.lab, 'web01')).rejects.toThrow(/authentication/);
    await fleet.lab.fault('web01', 'refuse-logins', false);
    expect((await runOn(fleet.lab, 'web01', 'echo in')).stdout).toBe('in\n');
  });

  test('dies-after-start kills the process of a unit that started well', async () => {
    await fleet.lab.fault('web02', 'dies-after-start', true, { ms: 50 });
    const started = await runOn(
      fleet.lab,
      'web02',
      'systemctl start shop && systemctl is-active shop',
    );
    expect(started.stdout).toBe('active\n');
    while ((await showUnit(fleet.lab, 'web02')).ActiveState === 'active');
    expect(await showUnit(fleet.lab, 'web02')).toMatchObject({
      Result: 'signal',
      ExecMainStatus: '9',
    });
  });

  test('slow starts each command late', async () => {
    await fleet.lab.fault('web03', 'slow', true, { ms: 200 });
    const start = performance.now();
    expect((await runOn(fleet.lab, 'web03', 'echo late')).stdout).toBe('late\n');
    expect(performance.now() - start).toBeGreaterThan(195);
  });

  test('disk-full shows nothing free and lets tar fail', async () => {
    await fleet.lab.fault('web04', 'disk-full', true);
    const free = await runOn(fleet.lab, 'web04', "df -Pk . | awk 'NR == 2 { print $4 }'");
    expect(free.stdout).toBe('0\n');
    const packed = await runOn(fleet.lab, 'web04', 'touch a; tar -cf a.tar a && tar -xf a.tar');
    expect(packed.code).toBe(2);
    expect(packed.stderr).toContain('No space left on device');
    await fleet.lab.fault('web04', 'disk-full', false);
    expect((await runOn(fleet.lab, 'web04', 'tar -xf a.tar')).code).toBe(0);
  });

  test('drop-mid-step cuts the connection at the first output of such a command', async () => {
    await fleet.lab.fault('web05', 'drop-mid-step', true);
    expect((await runOn(fleet.lab, 'web05', 'echo stage')).code).toBe(0);
    const cut = await runOn(fleet.lab, 'web05', 'trap "" PIPE; echo activate; : >ran-on');
    expect(cut).toMatchObject({ code: null, signal: null });
    const after = 'while ! [ -e ran-on ]; do sleep 0.01; done';
    expect((await runOn(fleet.lab, 'web05', after)).code).toBe(0);
  });

  test('slow and drop-mid-step hit calls on a channel as they hit commands', async () => {
    const client = await login(fleet.lab, 'web09');
    const channel = await openChannel(client, CALLS);
    await fleet.lab.fault('web09', 'slow', true, { ms: 600, match: 'late' });
    const start = performance.now();
    expect(await ask(channel, 'call 1 1\nsoon\n')).toBe('1 soon');
    expect(performance.now() - start).toBeLessThan(595);
    expect(await ask(channel, 'call 2 1\nlate\n')).toBe('2 late');
    expect(performance.now() - start).toBeGreaterThan(595);
    await fleet.lab.fault('web09', 'drop-mid-step', true);
    expect(await ask(channel, 'call 3 1\nstage\n')).toBe('3 stage');
    const closed = once(client, 'close');
    channel.write('call 4 1\nactivate\n');
    await closed;
    const after = 'while ! [ -e ran-activate ]; do sleep 0.01; done';
    expect((await runOn(fleet.lab, 'web09', after)).code).toBe(0);
  });

  test('hang accepts and never answers', async () => {
    await fleet.lab.fault('web06', 'hang', true);
    await expect(login(fleet.lab, 'web06', { readyTimeout: 150 })).rejects.toThrow(/Timed out/);
  });

  test('sudo-password lets no sudo -n through', async () => {
    await fleet.lab.fault('web07', 'sudo-password', true);
    const refused = await runOn(fleet.lab, 'web07', 'sudo -n systemctl start shop');
    expect(refused).toMatchObject({ code: 1, stderr: 'sudo: a password is required\n' });
  });

  test('down listens no more, and is back on the same port', async () => {
    const port = fleet.lab.hosts[7]?.port ?? 0;
    await fleet.lab.fault('web08', 'down', true);
    const refused = await new Promise((resolve) =>
      connect(port, '127.0.0.1').once('error', resolve),
    );
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
    await fleet.lab.fault('web08', 'down', false);
    expect((await runOn(fleet.lab, 'web08', 'echo back')).stdout).toBe('back\n');
  });

  test('is named in an error where there is no such host', async () => {
    await expect(fleet.lab.fault('web99', 'down', true)).rejects.toThrow(/web99/);
  });
});

function openChannel(client: ssh2.Client, command: string): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** What comes first after this was written. */
async function ask(channel: ssh2.ClientChannel, text: string): Promise<string> {
  channel.write(text);
  const [data] = await once(channel, 'data');
  return String(data).trim();
}

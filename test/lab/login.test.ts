import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../src/lab/ssh/key-pair.js';
import { execOn, login, runOn } from './support/client.js';
import { practiceLab } from './support/practice-lab.js';

const fleet = practiceLab({ hosts: 2 });
const SSH = ['/usr/bin/ssh', '/usr/local/bin/ssh'].find(existsSync);

describe('a login on a practice host', () => {
  test('runs a command in a home of its own, as deploy', async () => {
    const ended = await runOn(fleet.lab, 'web02', 'pwd; id -un; id -u; hostname; echo "$HOME"');
    const home = fleet.lab.hosts[1]?.home;
    expect(ended.stdout).toBe(`${home}\ndeploy\n1000\nweb02\n${home}\n`);
  });

  test('passes on exit codes, stdout and stderr', async () => {
    const ended = await runOn(fleet.lab, 'web01', 'echo out; echo err >&2; exit 42');
    expect(ended).toEqual({ code: 42, signal: null, stdout: 'out\n', stderr: 'err\n' });
  });

  test('works after callers that hung up before they named themselves', async () => {
    const { address, port } = fleet.lab.hosts[0] ?? { address: '', port: 0 };
    for (let caller = 0; caller < 3; caller += 1) {
      const socket = connect(port, address);
      await once(socket, 'data');
      socket.destroy();
      await once(socket, 'close');
    }
    const ended = await runOn(fleet.lab, 'web01', 'echo one');
    expect(ended).toMatchObject({ code: 0, stdout: 'one\n' });
  });

  test('passes on the signal that ended the command', async () => {
    const ended = await runOn(fleet.lab, 'web01', 'kill -KILL $$');
    expect(ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('takes 5 MB on stdin unchanged', async () => {
    const sent = randomBytes(5_000_000);
    const ended = await runOn(fleet.lab, 'web01', 'cat > big; sha256sum < big', sent);
    expect(ended.stdout.slice(0, 64)).toBe(createHash('sha256').update(sent).digest('hex'));
  });

  test('gives 5 MB of stdout unchanged', async () => {
    const ended = await runOn(fleet.lab, 'web01', 'yes 1234567 | head -c 5000000');
    expect(ended.stdout.length).toBe(5_000_000);
  });

  test('does not wait for a command that leaves its stdin unread', async () => {
    const ended = await runOn(fleet.lab, 'web01', 'exit 3', randomBytes(4_000_000));
    expect(ended.code).toBe(3);
  });

  test('runs several commands at once on one connection', async () => {
    const client = await login(fleet.lab, 'web01');
    const ended = await Promise.all(['a', 'b', 'c'].map((word) => execOn(client, `echo ${word}`)));
    client.end();
    expect(ended.map((one) => one.stdout)).toEqual(['a\n', 'b\n', 'c\n']);
  });

  test('lets a command run on when its connection drops', async () => {
    const client = await login(fleet.lab, 'web01');
    const home = fleet.lab.hosts[0]?.home ?? '';
    const lost = execOn(
      client,
      'trap "" PIPE; mkfifo go; echo ready; read x <go; echo more; : >survived',
    );
    while (!existsSync(join(home, 'go'))) await new Promise((done) => setTimeout(done, 5));
    client.destroy();
    expect((await lost).code).toBeNull();
    await runOn(fleet.lab, 'web01', 'echo >go; while ! [ -e survived ]; do sleep 0.01; done');
    expect(existsSync(join(home, 'survived'))).toBe(true);
  });

  test('refuses another key, another user and a password', async () => {
    const stranger = { privateKey: makeKeyPair().privateKey };
    await expect(login(fleet.lab, 'web01', stranger)).rejects.toThrow(/authentication/);
    await expect(login(fleet.lab, 'web01', { username: 'root' })).rejects.toThrow(/authentication/);
  });

  test('has a host key of its own on each host', () => {
    const keys = readFileSync(fleet.lab.knownHostsFile, 'utf8').trim().split('\n');
    expect(new Set(keys.map((line) => line.split(' ')[2])).size).toBe(2);
  });

  test.skipIf(SSH === undefined)('works with the OpenSSH client, host key checked', async () => {
    const { lab } = fleet;
    const [host] = lab.hosts;
    const options = [
      'BatchMode=yes',
      `UserKnownHostsFile=${lab.knownHostsFile}`,
      'StrictHostKeyChecking=yes',
      'IdentitiesOnly=yes',
    ];
    const args = [
      '-F',
      'none',
      '-i',
      lab.identityFile,
      '-p',
      String(host?.port),
      ...options.flatMap((one) => ['-o', one]),
    ];
    const ended = await new Promise<{ code: number | string; stdout: string }>((resolve) => {
      const child = execFile(
        SSH ?? '',
        [...args, `${lab.user}@${host?.address}`, 'cat; exit 5'],
        (error, stdout) => resolve({ code: error?.code ?? 0, stdout }),
      );
      child.stdin?.end('through stdin');
    });
    expect(ended).toEqual({ code: 5, stdout: 'through stdin' });
  });
});

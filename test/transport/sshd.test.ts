import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BIN, hasSshd, startAgent, startSshd } from './support/real-sshd.js';
import { connected, hostAt, makeKey, refused, transportFor } from './support/ssh-server.js';

const SOON = { timeoutMs: 10_000 };

describe.skipIf(!hasSshd)("OpenSSH's sshd", () => {
  test('runs commands in the login shell, without a PTY or an agent', async () => {
    const { host } = await startSshd();
    const connection = await connected(host);
    expect(await connection.exec('echo "$0 $SSH_TTY$SSH_AUTH_SOCK"', SOON)).toMatchObject({
      kind: 'exited',
      stdout: expect.stringMatching(/^\S*sh \n$/),
    });
  });

  test('with three host keys is known by the one recorded, whichever that is', async () => {
    const keys = [makeKey('ed25519'), makeKey('ecdsa'), makeKey('rsa')];
    const { host } = await startSshd({ hostKeys: keys });
    const [file = ''] = host.ssh.knownHosts;
    for (const key of keys) {
      writeFileSync(file, `[127.0.0.1]:${host.ssh.port} ${key.publicLine}\n`);
      await connected(host);
    }
  });

  test('is known by what ssh-keyscan and ssh-keygen -H wrote', async () => {
    const { host } = await startSshd();
    const [file = ''] = host.ssh.knownHosts;
    const scan = ['-p', String(host.ssh.port), '127.0.0.1'];
    writeFileSync(
      file,
      execFileSync(`${BIN}/ssh-keyscan`, scan, { stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    execFileSync(`${BIN}/ssh-keygen`, ['-H', '-f', file], { stdio: 'ignore' });
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/m);
    await connected(host);
  });

  test('refuses a key that is not authorised, once', async () => {
    const { host, log } = await startSshd({ accepts: makeKey() });
    expect(await refused(host)).toMatchObject({ code: 'auth_failed' });
    expect(log.filter((line) => line.startsWith('Connection from'))).toHaveLength(1);
  });

  test('that accepts no such user ends in a named failure', async () => {
    const { host } = await startSshd({ config: 'AllowUsers nobody-else' });
    expect(await refused(host)).toMatchObject({ code: 'auth_failed' });
  });

  test('hangs up after too many keys, and that is named', async () => {
    const { host } = await startSshd({ accepts: makeKey(), config: 'MaxAuthTries 2' });
    const others = [1, 2, 3].flatMap(() => hostAt(1, { userKey: makeKey() }).ssh.identityFiles);
    const many = { ...host, ssh: { ...host.ssh, identityFiles: others } };
    expect(await refused(many)).toMatchObject({ code: 'auth_failed' });
  });

  test('lets more sessions than it allows fail as lost, not hang', async () => {
    const { host } = await startSshd({ config: 'MaxSessions 1' });
    const connection = await connected(host);
    const first = connection.exec('sleep 1', SOON);
    expect(await connection.exec('true', SOON)).toMatchObject({ kind: 'lost' });
    expect(await first).toMatchObject({ kind: 'exited', code: 0 });
  });

  test('that allows one session gives it to one command after the other', async () => {
    const { host } = await startSshd({ config: 'MaxSessions 1' });
    const connection = await connected(host);
    for (let round = 0; round < 40; round += 1) {
      const outcome = await connection.exec('exit 3', SOON);
      expect(outcome).toMatchObject({ kind: 'exited', code: 3 });
    }
  });

  test('is logged in to with a key that an agent holds, also for a sealed file', async () => {
    const userKey = makeKey('ed25519', 'open sesame');
    const { host } = await startSshd({ accepts: userKey, userKey });
    const [file = ''] = host.ssh.identityFiles;
    const agent = await startAgent([file], 'open sesame');
    await connected({ ...host, ssh: { ...host.ssh, agent, identityFiles: [] } });
    await connected({ ...host, ssh: { ...host.ssh, agent } });
  });

  test('takes an RSA key without SHA-1', async () => {
    const userKey = makeKey('rsa');
    const { host } = await startSshd({ accepts: userKey, userKey });
    await connected(host);
  });

  test('is not made to prove all its host keys', async () => {
    const { host } = await startSshd({ hostKeys: [makeKey(), makeKey('rsa')] });
    const trace: string[] = [];
    const connection = await connected(host, { trace: (_host, message) => trace.push(message) });
    await connection.exec('true', SOON);
    expect(trace.join('\n')).toContain('hostkeys-00@openssh.com');
    expect(trace.join('\n')).not.toContain('hostkeys-prove');
  });

  test('costs a moderate amount of CPU for each connection with three commands', async () => {
    const { host } = await startSshd({ config: 'MaxStartups 100' });
    const transport = transportFor();
    const visit = async () => {
      const outcome = await transport.connect(host);
      if (outcome.kind === 'failed') throw new Error(outcome.failure.message);
      for (const command of ['true', 'true', 'true']) await outcome.connection.exec(command, SOON);
      await outcome.connection.close();
    };
    await visit();
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: 50 }, visit));
    const { user, system } = process.cpuUsage(before);
    const each = (user + system) / 1000 / 50;
    process.stderr.write(
      `controller CPU for a connection and three commands: ${each.toFixed(1)} ms\n`,
    );
    expect(each).toBeLessThan(25);
  }, 30_000);
});

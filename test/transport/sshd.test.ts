import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Host } from '../../src/model/host.js';
import {
  connected,
  hostAt,
  type KeyPair,
  makeKey,
  refused,
  temporaryFolder,
  transportFor,
} from './ssh-server.js';

const SSHD = '/usr/sbin/sshd';
const BIN = '/usr/bin';
const SOON = { timeoutMs: 10_000 };

describe.skipIf(!existsSync(SSHD) || process.getuid?.() !== 0)("OpenSSH's sshd", () => {
  test('runs commands for us', async () => {
    const { host } = await startSshd();
    const connection = await connected(host);
    expect(
      await connection.exec('echo "$0 $SSH_TTY$SSH_AUTH_SOCK"; echo err >&2; exit 4', SOON),
    ).toMatchObject({
      kind: 'exited',
      code: 4,
      stderr: 'err\n',
    });
    const outcomes = await Promise.all(
      ['1', '2', '3'].map((code) => connection.exec(`exit ${code}`, SOON)),
    );
    expect(outcomes.map((outcome) => outcome.kind === 'exited' && outcome.code)).toEqual([1, 2, 3]);
  });

  test('tells of a signal', async () => {
    const { host } = await startSshd();
    const connection = await connected(host);
    expect(await connection.exec('kill -TERM $$', SOON)).toMatchObject({
      kind: 'signalled',
      signal: 'SIGTERM',
    });
  });

  test('takes a large stdin, and a command that leaves it unread', async () => {
    const { host } = await startSshd();
    const connection = await connected(host);
    const stdin = Buffer.alloc(5_000_000, 'x');
    expect(await connection.exec('wc -c', { ...SOON, stdin })).toMatchObject({
      kind: 'exited',
      stdout: '5000000\n',
    });
    expect(await connection.exec('exit 9', { ...SOON, stdin })).toMatchObject({
      kind: 'exited',
      code: 9,
    });
  });

  test('that dies in the middle of a command loses it', async () => {
    const { host } = await startSshd();
    const connection = await connected(host);
    const outcome = connection.exec('echo on; kill -KILL $PPID', SOON);
    expect(await outcome).toMatchObject({ kind: 'lost' });
    expect(connection.open).toBe(false);
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

  test('is logged in to with a key that an agent holds, also for a sealed file', async () => {
    const userKey = makeKey('ed25519', 'open sesame');
    const { host } = await startSshd({ accepts: userKey, userKey });
    const [file = ''] = host.ssh.identityFiles;
    const agent = await startAgent(file, 'open sesame');
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

interface SshdOptions {
  readonly hostKeys?: readonly KeyPair[];
  readonly userKey?: KeyPair;
  readonly accepts?: KeyPair;
  readonly config?: string;
}

/** A real sshd in the foreground with a configuration of its own, ended with the test. */
async function startSshd(options: SshdOptions = {}): Promise<{ host: Host; log: string[] }> {
  const hostKeys = options.hostKeys ?? [makeKey()];
  const userKey = options.userKey ?? makeKey();
  const port = await freePort();
  const folder = temporaryFolder();
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  hostKeys.forEach((key, at) => {
    writeFileSync(join(folder, `host${at}`), key.privateText, { mode: 0o600 });
  });
  writeFileSync(join(folder, 'authorized'), `${(options.accepts ?? userKey).publicLine}\n`, {
    mode: 0o600,
  });
  const lines = [
    `ListenAddress 127.0.0.1:${port}`,
    ...hostKeys.map((_, at) => `HostKey ${join(folder, `host${at}`)}`),
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    'PidFile none',
    'LogLevel VERBOSE',
    // Else bash, seeing that sshd runs it, reads the developer's own .bashrc for each command.
    'SetEnv SHLVL=9',
    options.config ?? '',
  ];
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`);
  const child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => stopped(child));
  const log = await listening(child);
  const [record = null] = hostKeys;
  return { host: hostAt(port, { userKey, record, user: userInfo().username }), log };
}

async function listening(child: ChildProcess): Promise<string[]> {
  const log: string[] = [];
  if (child.stderr === null) throw new Error('sshd has no stderr');
  const reader = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    reader.on('line', (line) => {
      log.push(line);
      if (line.startsWith('Server listening')) resolve();
    });
    child.once('exit', () => reject(new Error(log.join('\n'))));
  });
  return log;
}

async function startAgent(keyFile: string, passphrase: string): Promise<string> {
  const folder = temporaryFolder();
  const socket = join(folder, 'agent');
  const child = spawn(`${BIN}/ssh-agent`, ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => stopped(child));
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const askpass = join(folder, 'askpass');
  writeFileSync(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o700 });
  execFileSync(`${BIN}/ssh-add`, [keyFile], {
    env: {
      ...process.env,
      SSH_AUTH_SOCK: socket,
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: 'force',
    },
    stdio: 'ignore',
  });
  return socket;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    }),
  );
}

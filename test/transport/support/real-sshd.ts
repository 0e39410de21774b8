import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { Host } from '../../../src/model/hosts/host.js';
import { hostAt, type KeyPair, makeKey, temporaryFolder } from './ssh-server.js';

const SSHD = '/usr/sbin/sshd';
export const BIN = '/usr/bin';

export interface SshdOptions {
  readonly hostKeys?: readonly KeyPair[];
  readonly userKey?: KeyPair;
  readonly accepts?: KeyPair;
  readonly config?: string;
  readonly address?: string;
  readonly port?: number;
}

export interface Sshd {
  /** What the test's own user logs in to there. */
  readonly host: Host;
  readonly port: number;
  /** Lines of its log so far. */
  readonly log: string[];
  /** Ends the server; sessions live on. */
  stop(): Promise<void>;
  /** Kills the processes of its connections. */
  cut(): void;
}

/** Where these tests can run: OpenSSH's server, and the right to start it. */
export const hasSshd = existsSync('/usr/sbin/sshd') && process.getuid?.() === 0;

/** A real sshd in the foreground with a configuration of its own, ended with the test. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const hostKeys = options.hostKeys ?? [makeKey()];
  const userKey = options.userKey ?? makeKey();
  const port = options.port ?? (await freePort());
  const address = options.address ?? '127.0.0.1';
  const folder = temporaryFolder();
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  hostKeys.forEach((key, at) => {
    writeFileSync(join(folder, `host${at}`), key.privateText, { mode: 0o600 });
  });
  writeFileSync(join(folder, 'authorized'), `${(options.accepts ?? userKey).publicLine}\n`, {
    mode: 0o600,
  });
  const lines = [
    // First, as the first of two values counts.
    options.config ?? '',
    `ListenAddress ${address.includes(':') ? `[${address}]` : address}:${port}`,
    ...hostKeys.map((_, at) => `HostKey ${join(folder, `host${at}`)}`),
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    'PidFile none',
    'LogLevel VERBOSE',
    // Else bash, seeing that sshd runs it, reads the developer's own .bashrc for each command.
    'SetEnv SHLVL=9',
  ];
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`);
  const child = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => stopped(child));
  const log = await listening(child);
  const [record = null] = hostKeys;
  const host = hostAt(port, { address, userKey, record, user: userInfo().username });
  return { host, port, log, stop: () => stopped(child), cut: () => cutSessions(child.pid) };
}

/** sshd has a child for each connection. */
function cutSessions(pid: number | undefined): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  for (const child of children.split(' ')) process.kill(Number(child), 'SIGKILL');
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

/** A real ssh-agent that holds these keys, in their order; ended with the test. */
export async function startAgent(keyFiles: readonly string[], passphrase = ''): Promise<string> {
  const folder = temporaryFolder();
  const socket = join(folder, 'agent');
  const child = spawn(`${BIN}/ssh-agent`, ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => stopped(child));
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const askpass = join(folder, 'askpass');
  writeFileSync(askpass, `#!/bin/sh\necho '${passphrase}'\n`, { mode: 0o700 });
  if (keyFiles.length === 0) return socket;
  execFileSync(`${BIN}/ssh-add`, [...keyFiles], {
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

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { Host } from '../../src/model/host.js';
import { hostAt, type KeyPair, makeKey, temporaryFolder } from './ssh-server.js';

const SSHD = '/usr/sbin/sshd';
export const BIN = '/usr/bin';

/** sshd runs commands for others than root only if it is root itself. */
export const hasSshd = existsSync(SSHD) && process.getuid?.() === 0;

export interface SshdOptions {
  readonly hostKeys?: readonly KeyPair[];
  readonly userKey?: KeyPair;
  readonly accepts?: KeyPair;
  readonly config?: string;
}

export interface Sshd {
  readonly host: Host;
  /** What it logged so far. */
  readonly log: readonly string[];
}

/** A real sshd in the foreground with a configuration of its own, ended with the test. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
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
    // Of each option sshd takes the first.
    options.config ?? '',
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

export async function startAgent(keyFile: string, passphrase: string): Promise<string> {
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

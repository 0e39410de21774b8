import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerChannel, Session } from 'ssh2';
import type { FaultOptions } from '../fault.js';
import { signalGroup } from '../systemd/service-process.js';
import { createCallStream, takesCalls } from './call-stream.js';

/** The environment of a login on a practice host. */
export interface SessionOptions {
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The active fault for this command or call; asked when it comes. */
  readonly fault: (kind: 'slow' | 'drop-mid-step', command: string) => FaultOptions | undefined;
  /** Cuts the connection. */
  readonly drop: () => void;
  /** Calls back when the connection has ended, at once if it already has; returns how to unsubscribe. */
  readonly onGone: (callback: () => void) => () => void;
  /** Called with every process, so that none is left at the end. */
  readonly onProcess: (child: ChildProcess) => void;
}

const SFTP_SERVER = '/usr/lib/openssh/sftp-server';

/** Serves one session: `exec`, a shell without a terminal, and sftp where the machine has it. */
export function serveSession(session: Session, options: SessionOptions): void {
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    const run = (calls?: Duplex): ChildProcess => {
      const child = attach(channel, ['/bin/sh', '-c', command], options, calls);
      session.on('signal', (_accept, _refuse, { name }) => forward(child, name));
      return child;
    };
    if (!takesCalls(command)) return void meetFaults(command, options, run);
    const child = run(createCallStream((call) => meetFaults(call, options, () => child)));
  });
  session.on('shell', (accept) => void attach(accept(), ['/bin/sh'], options));
  session.on('subsystem', (accept, _reject, { name }) => {
    if (name === 'sftp') attach(accept(), [SFTP_SERVER], options);
  });
}

/**
 * Runs a program on a channel as sshd does without a terminal: it lives on when the connection drops, with its pipes
 * closed and no signal.
 */
function attach(
  channel: ServerChannel,
  [program, ...args]: readonly [string, ...string[]],
  options: SessionOptions,
  through?: Duplex,
): ChildProcess {
  const child = spawn(program, args, {
    cwd: options.home,
    env: options.environment,
    detached: true,
    stdio: 'pipe',
  });
  options.onProcess(child);
  const { stdin, stdout, stderr } = child;
  (through === undefined ? channel : channel.pipe(through)).pipe(stdin);
  stdout.pipe(channel, { end: false });
  stderr.pipe(channel.stderr, { end: false });
  // A program that does not read its stdin, or whose reader is gone, is no failure of the server.
  for (const stream of [stdin, stdout, stderr, channel]) stream.on('error', () => {});
  const forget = options.onGone(() => {
    stdin.end();
    stdout.destroy();
    stderr.destroy();
  });
  child.once('error', () => finish(channel, 127, null));
  child.once('close', (code, signal) => {
    forget();
    finish(channel, code, signal);
  });
  return child;
}

function finish(channel: ServerChannel, code: number | null, signal: string | null): void {
  if (code !== null) channel.exit(code);
  else channel.exit((signal ?? 'SIGKILL').slice(3), false, '');
  channel.end();
}

function forward(child: ChildProcess, name: string): void {
  if (child.pid !== undefined && /^[A-Z0-9]+$/.test(name))
    signalGroup(child.pid, `SIG${name}` as NodeJS.Signals);
}

/** Starts a command or a call, delayed or cut short by the active faults. */
async function meetFaults(
  text: string,
  options: SessionOptions,
  start: () => ChildProcess,
): Promise<void> {
  const slow = options.fault('slow', text);
  if (slow !== undefined) await delay(slow.ms ?? 2000);
  const child = start();
  const cut = options.fault('drop-mid-step', text);
  if (cut === undefined) return;
  if (cut.ms !== undefined) setTimeout(options.drop, cut.ms);
  else child.stdout?.once('data', options.drop);
}

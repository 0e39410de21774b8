import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { splitLines } from '../channel/line-splitter.js';

/** A running `ssh`. */
export interface OpensshProcess {
  readonly pid: number;
  /** Resolves when it has closed its stdout, which it does once its control socket exists. */
  readonly settled: Promise<void>;
  /** Resolves when it has ended and all its output was read. */
  readonly exited: Promise<void>;
  /** Ends it and its children, unless it ends within `graceMs`; default 0. */
  end(graceMs?: number): Promise<void>;
}

interface OpensshProcessOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears each line of its stderr. */
  readonly onLine: (line: string) => void;
}

/** Rejects with the system's error if there is no `ssh`, or it cannot be started. */
export async function startOpenssh(options: OpensshProcessOptions): Promise<OpensshProcess> {
  const child = spawn('ssh', options.args, {
    // Ctrl-C is for fleet, which closes its connections when it is done.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its messages are parsed, so they must not be translated.
    env: { ...options.env, LC_ALL: 'C' },
  });
  const lines = splitLines(options.onLine, MAX_LINE_BYTES);
  child.stderr.on('data', (chunk: Buffer) => lines.add(chunk));
  const settled = new Promise<void>((resolve) => {
    child.stdout.once('close', resolve);
  });
  child.stdout.resume();
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      lines.end();
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    settled,
    exited,
    async end(graceMs = 0) {
      if (graceMs > 0 && (await endsWithin(graceMs, exited))) return;
      signalGroup(child, 'SIGTERM');
      if (!(await endsWithin(PATIENCE_MS, exited))) signalGroup(child, 'SIGKILL');
      await exited;
    },
  };
}

async function endsWithin(ms: number, exited: Promise<void>): Promise<boolean> {
  const patience = new AbortController();
  const late = sleep(ms, false, { signal: patience.signal }).catch(() => true);
  const inTime = await Promise.race([exited.then(() => true), late]);
  patience.abort();
  return inTime;
}

/** The group contains the `ssh` of a jump host too. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended just now.
  }
}

const PATIENCE_MS = 2000;
const MAX_LINE_BYTES = 8 * 1024;

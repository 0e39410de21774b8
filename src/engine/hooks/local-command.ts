import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { printableLine } from '../../errors/printable.js';
import type { HookEnv } from './hook-env.js';

/** A hook of this machine. */
export interface LocalCommand {
  readonly command: string;
  /** Absolute: where fleet.yaml is. */
  readonly folder: string;
  readonly env: HookEnv;
  readonly timeoutMs: number;
  readonly onLine: (line: string) => void;
}

/** How it ended. */
export type LocalEnd =
  | { readonly kind: 'exited'; readonly exit: number | string }
  | { readonly kind: 'timed-out' }
  /** It was ended as fleet itself was. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'not-started'; readonly why: string };

/** Runs commands on this machine; a simulation has its own. */
export type RunLocal = (command: LocalCommand, signal: AbortSignal) => Promise<LocalEnd>;

/** From SIGTERM to SIGKILL, in milliseconds. */
const GRACE_MS = 5_000;
/** How long output is still read after the command has ended: what it left behind may keep it open. */
const REST_MS = 300;
const LONGEST_LINE = 1_000;

/**
 * Runs commands by `sh -c`, each in a process group and session of its own: Ctrl-C of the terminal does not reach
 * it. It has the environment of fleet, and nothing on stdin.
 */
export function localRunner(env: Readonly<Record<string, string | undefined>>): RunLocal {
  return (command, signal) =>
    new Promise((resolve) => {
      const child = spawn('/bin/sh', ['-c', command.command], {
        cwd: command.folder,
        env: { ...env, ...Object.fromEntries(command.env) },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const { stdout, stderr } = child;
      for (const stream of [stdout, stderr]) readLines(stream, command.onLine);
      let why: LocalEnd | null = null;
      const endAll = (name: NodeJS.Signals): void => endGroup(child.pid, name);
      let killing: NodeJS.Timeout | undefined;
      const stop = (end: LocalEnd): void => {
        why ??= end;
        endAll('SIGTERM');
        killing ??= setTimeout(() => endAll('SIGKILL'), GRACE_MS);
      };
      const timer = setTimeout(() => stop({ kind: 'timed-out' }), command.timeoutMs);
      const abandon = (): void => stop({ kind: 'ended' });
      signal.addEventListener('abort', abandon, { once: true });
      if (signal.aborted) abandon();
      const settle = (end: LocalEnd): void => {
        clearTimeout(timer);
        clearTimeout(killing);
        signal.removeEventListener('abort', abandon);
        stdout.destroy();
        stderr.destroy();
        resolve(why ?? end);
      };
      child.on('error', (error) => settle({ kind: 'not-started', why: error.message }));
      child.on('exit', (code, killedBy) => {
        const end = { kind: 'exited', exit: code ?? killedBy ?? 'SIGKILL' } as const;
        // What it started may ignore SIGTERM: nothing of a hook that had its time stays behind.
        if (why !== null) endAll('SIGKILL');
        const rest = setTimeout(() => settle(end), REST_MS);
        child.on('close', () => {
          clearTimeout(rest);
          settle(end);
        });
      });
    });
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}

/** A line that never ends is passed on in pieces, so that it fills no memory. */
function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const tell = (line: string): void => {
    const shown = printableLine(line.slice(0, LONGEST_LINE)).trimEnd();
    if (shown !== '') onLine(shown);
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
    if (rest.length > LONGEST_LINE) {
      tell(rest);
      rest = '';
    }
  });
  stream.on('error', () => undefined);
  stream.on('close', () => tell(rest));
}

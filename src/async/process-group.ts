import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { readLines } from './output-lines.js';

/** A command line of a person, run on this machine. */
export interface GroupCommand {
  /** For `sh -c`. */
  readonly command: string;
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Gets each line of stdout and stderr, as it comes. */
  readonly onLine: (line: string) => void;
}

/** How a command ended. `unstarted` has the system's error. */
export type GroupEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'unstarted'; readonly cause: unknown };

/** How long a command may clean up after it was asked to end. */
const GRACE_MS = 5000;
/** How long what it left in the background may hold its output open. */
const LINGER_MS = 500;

/**
 * Runs a command line in a process group of its own, without stdin and terminal, so that Ctrl-C reaches
 * it through fleet alone. The whole group is ended if the command takes too long, fleet is interrupted,
 * or it fails; what a command that succeeded left running stays. Never rejects.
 */
export async function runInGroup(command: GroupCommand): Promise<GroupEnd> {
  const { dir: cwd, env, timeoutMs, signal, onLine } = command;
  if (signal?.aborted === true) return { kind: 'interrupted' };
  const overdue = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([overdue, ...(signal === undefined ? [] : [signal])]);
  const child = spawn('/bin/sh', ['-c', command.command], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) readLines(stream, onLine);
  const end = await endOf(child, stop);
  if (end.kind !== 'stopped') return end;
  return { kind: overdue.aborted ? 'timeout' : 'interrupted' };
}

/** `stopped`: it was asked to end before it had. */
async function endOf(
  child: ChildProcess,
  stop: AbortSignal,
): Promise<GroupEnd | { readonly kind: 'stopped' }> {
  const closed = once(child, 'close').catch(() => undefined);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const ask = (): void => void endGroup(child, exited);
  stop.addEventListener('abort', ask, { once: true });
  try {
    const [code, killedBy] = await exited;
    const isStopped = stop.aborted;
    if (code !== 0 || isStopped) signalGroup(child, 'SIGKILL');
    await Promise.race([closed, delay(LINGER_MS, undefined, { ref: false })]);
    if (isStopped) return { kind: 'stopped' };
    return code === null ? { kind: 'signal', signal: `${killedBy}` } : { kind: 'exit', code };
  } catch (cause) {
    return { kind: 'unstarted', cause };
  } finally {
    stop.removeEventListener('abort', ask);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

async function endGroup(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await Promise.race([exited.catch(() => undefined), delay(GRACE_MS, undefined, { ref: false })]);
  signalGroup(child, 'SIGKILL');
}

/** The group may be gone. */
function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // Nothing is left of it.
  }
}

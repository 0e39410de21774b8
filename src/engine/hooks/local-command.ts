import { type GroupEnd, runInGroup } from '../../async/process-group.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
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

const LONGEST_LINE = 1_000;

/** Runs commands with the environment of fleet and their own. */
export function localRunner(env: Readonly<Record<string, string | undefined>>): RunLocal {
  return async ({ command, folder: dir, env: own, timeoutMs, onLine }, signal) => {
    const end = await runInGroup({
      command,
      dir,
      env: { ...env, ...Object.fromEntries(own) },
      timeoutMs,
      signal,
      onLine(line) {
        const shown = printableLine(line.slice(0, LONGEST_LINE)).trimEnd();
        if (shown !== '') onLine(shown);
      },
    });
    return localEnd(end);
  };
}

function localEnd(end: GroupEnd): LocalEnd {
  switch (end.kind) {
    case 'exit':
      return { kind: 'exited', exit: end.code };
    case 'signal':
      return { kind: 'exited', exit: end.signal };
    case 'timeout':
      return { kind: 'timed-out' };
    case 'interrupted':
      return { kind: 'ended' };
    case 'unstarted':
      return { kind: 'not-started', why: reasonOf(end.cause) };
  }
}

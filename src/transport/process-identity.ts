import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process for ever: process ids are given out again, and machines boot. */
export interface ProcessIdentity {
  /** The machine's name, and its boot; empty where the system does not say. */
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  /** In clock ticks since the boot; null where the system does not say. */
  readonly start: string | null;
}

export function ownIdentity(): ProcessIdentity {
  return { host: hostname(), boot: bootId(), pid: process.pid, start: startTimeOf(process.pid) };
}

/** `unknown`: it is, or was, on another machine, or this one hides it. */
export function livenessOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (identity.host !== hostname()) return 'unknown';
  if (identity.boot !== bootId()) return 'dead';
  if (identity.start === null) return isThere(identity.pid) ? 'alive' : 'dead';
  const start = startTimeOf(identity.pid);
  if (start === null && isHidden(identity.pid)) return 'unknown';
  return start === identity.start ? 'alive' : 'dead';
}

/** Another account's process, where /proc is mounted with `hidepid`. */
const isHidden = (pid: number): boolean => !existsSync(`/proc/${pid}`) && isThere(pid);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** When a process started, in clock ticks since boot; null where there is none. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything; the third field follows its last one.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : (rest[18] ?? null);
  } catch {
    return null;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

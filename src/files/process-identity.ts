import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { hasCode } from '../errors/has-code.js';

/** Identifies one process permanently: process ids are reused, and machines reboot. */
export interface ProcessIdentity {
  /** The machine's name and boot id; empty if the system does not tell. */
  readonly host: string;
  readonly boot: string;
  readonly pid: number;
  /** In clock ticks since the boot; null if the system does not tell. */
  readonly start: string | null;
}

export function ownIdentity(): ProcessIdentity {
  return { host: hostname(), boot: bootId(), pid: process.pid, start: startTimeOf(process.pid) };
}

/** `unknown`: it is, or was, on another machine, or this machine hides it. */
export function livenessOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (identity.host !== hostname()) return 'unknown';
  if (identity.boot !== bootId()) return 'dead';
  if (identity.start === null) return isThere(identity.pid) ? 'alive' : 'dead';
  const start = startTimeOf(identity.pid);
  if (start === null && isHidden(identity.pid)) return 'unknown';
  return start === identity.start ? 'alive' : 'dead';
}

/** Another user's process, if /proc is mounted with `hidepid`. */
const isHidden = (pid: number): boolean => !existsSync(`/proc/${pid}`) && isThere(pid);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** When a process started, in clock ticks since boot; null if there is none. */
export function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may contain anything; the third field comes after its last one.
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

import {
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors/has-code.js';
import { livenessOfHolder, newHolder, RANDOM_DIGITS, STALE_MS } from './file-lock.js';
import { makeFolder } from './shared-folder.js';

const POLL_MS = 5;

/**
 * As `withFileLock`, for work that is done at once and blocks the process; on disk it is the same lock. The answer is
 * null, and nothing was done, if the lock was not to be had within `waitMs`: its holder may be suspended, or the folder
 * cannot be written. What `work` throws is thrown.
 */
export function withBriefLock<T>(
  path: string,
  waitMs: number,
  work: () => T,
): { readonly value: T } | null {
  const holder = newHolder();
  if (!acquire(path, holder, waitMs)) return null;
  try {
    return { value: work() };
  } finally {
    giveUp(path, holder);
  }
}

function acquire(path: string, holder: string, waitMs: number): boolean {
  const own = `${path}.${holder.slice(-RANDOM_DIGITS)}`;
  try {
    makeFolder(own);
    writeFileSync(join(own, holder), '', { flag: 'wx', mode: 0o600 });
    const end = process.hrtime.bigint() + BigInt(waitMs) * 1_000_000n;
    for (;;) {
      if (isPutInPlace(own, path)) return true;
      if (takeStaleAway(path)) continue;
      if (process.hrtime.bigint() >= end) break;
      pause();
    }
  } catch {
    // The file itself may still be writable: the caller decides.
  }
  removeQuietly(own);
  return false;
}

function isPutInPlace(own: string, path: string): boolean {
  try {
    renameSync(own, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}

/** True if it is worth trying again at once. */
function takeStaleAway(path: string): boolean {
  try {
    for (const name of readdirSync(path)) {
      if (!isStale(join(path, name), name)) return false;
      unlinkSync(join(path, name));
    }
    return true;
  } catch (error) {
    return hasCode(error, 'ENOENT');
  }
}

function isStale(file: string, holder: string): boolean {
  const liveness = livenessOfHolder(holder);
  if (liveness !== 'unknown') return liveness === 'dead';
  return Date.now() - statSync(file).mtimeMs > STALE_MS;
}

function giveUp(path: string, holder: string): void {
  try {
    unlinkSync(join(path, holder));
    // Fails if another process has its lock in place already.
    rmdirSync(path);
  } catch {
    // What is left of a lock is taken away by the next one.
  }
}

function removeQuietly(own: string): void {
  try {
    rmSync(own, { recursive: true, force: true });
  } catch {
    // An empty folder beside the file harms no one.
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

const pause = (): void => void Atomics.wait(sleeper, 0, 0, POLL_MS);

import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rename, rm, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../errors/fleet-error.js';
import { hasCode } from '../errors/has-code.js';
import { livenessOf, ownIdentity } from './process-identity.js';
import { makeFolder } from './shared-folder.js';

/**
 * Does `work` while holding `path` as a lock against other processes and this one. A lock left by a dead
 * process is taken over at once; one of another machine or container after 10 s, since the work is short.
 * Rejects if the lock cannot be made or obtained.
 *
 * The lock is a folder with one file named after its holder. A folder with its file is put in place by
 * rename(2), which replaces nothing but an empty folder, so only one process succeeds. A lock is given up, or
 * taken from a dead holder, by deleting that very file: a process with old information deletes nothing.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const holder = newHolder();
  if (!(await acquire(path, holder, PATIENT))) throw heldByAnother(path);
  try {
    return await work();
  } finally {
    await giveUp(path, holder);
  }
}

/**
 * As {@link withFileLock}, for work that another process may do as well: null, at once, if another one holds
 * the lock. The work may take long; for other machines the lock is kept fresh meanwhile.
 */
export async function tryFileLock<T>(
  path: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T } | null> {
  const holder = newHolder();
  if (!(await acquire(path, holder, AT_ONCE))) return null;
  const file = join(path, holder);
  const fresh = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined);
  }, KEEP_FRESH_MS).unref();
  try {
    return { result: await work() };
  } finally {
    clearInterval(fresh);
    await giveUp(path, holder);
  }
}

/** False if another process keeps the lock through all of the tries. */
async function acquire(
  path: string,
  holder: string,
  { tries, pauseMs }: { readonly tries: number; readonly pauseMs: number },
): Promise<boolean> {
  const own = `${path}.${holder.slice(-RANDOM_DIGITS)}`;
  let isHeld = false;
  makeFolder(own);
  try {
    await writeFile(join(own, holder), '', { flag: 'wx', mode: 0o600 });
    for (let tried = 0; tried < tries && !isHeld; tried += 1) {
      if (await isPutInPlace(own, path)) isHeld = true;
      else if (!(await takeStaleAway(path))) await sleep(pauseMs);
    }
    return isHeld;
  } finally {
    if (!isHeld) await rm(own, { recursive: true, force: true });
  }
}

/** ENOTDIR: an earlier fleet made the lock as a file. */
async function isPutInPlace(own: string, path: string): Promise<boolean> {
  try {
    await rename(own, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) return false;
    throw error;
  }
}

/** True if it is worth trying again at once. */
async function takeStaleAway(path: string): Promise<boolean> {
  try {
    for (const name of await readdir(path)) {
      if (!(await isStale(join(path, name), name))) return false;
      await unlink(join(path, name));
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    if (!hasCode(error, 'ENOTDIR')) throw error;
    if (!(await isOld(path))) return false;
    // Fails, without harm, if it is a folder by now.
    await unlink(path).catch(() => undefined);
  }
  return true;
}

async function isStale(file: string, holder: string): Promise<boolean> {
  const liveness = livenessOfHolder(holder);
  return liveness === 'dead' || (liveness === 'unknown' && (await isOld(file)));
}

/** True for a holder that is gone as well: there is nothing to wait for. */
async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return true;
    throw error;
  }
}

async function giveUp(path: string, holder: string): Promise<void> {
  await unlink(join(path, holder)).catch(() => undefined);
  // Fails if another process has its lock in place already.
  await rmdir(path).catch(() => undefined);
}

const heldByAnother = (path: string): FleetError =>
  new FleetError('file_unusable', `${path} is held by another process`, {
    hint: 'remove it if no fleet is running',
  });

/** Names a process, the machine or container of its id, and this one attempt. */
export function newHolder(): string {
  const { host, boot, pid, start } = ownIdentity();
  const random = randomBytes(RANDOM_DIGITS / 2).toString('hex');
  return [encodeURIComponent(host), boot, processWorld(), pid, start ?? '', random].join('~');
}

/** `unknown` for a process of another machine or container. */
export function livenessOfHolder(holder: string): 'alive' | 'dead' | 'unknown' {
  const [host = '', boot = '', world = '', pid = '', start = ''] = holder.split('~');
  if (host !== encodeURIComponent(ownIdentity().host)) return 'unknown';
  // In another container the same id is another process, until the machine boots.
  if (boot === ownIdentity().boot && world !== processWorld()) return 'unknown';
  if (!/^[1-9]\d*$/.test(pid)) return 'unknown';
  return livenessOf({ ...ownIdentity(), boot, pid: Number(pid), start: start || null });
}

function processWorld(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}

export const RANDOM_DIGITS = 16;
export const STALE_MS = 10_000;
const KEEP_FRESH_MS = 3000;
/** For half a minute. */
const PATIENT = { tries: 3000, pauseMs: 10 } as const;
/** The first try may find what a dead process left. */
const AT_ONCE = { tries: 2, pauseMs: 0 } as const;

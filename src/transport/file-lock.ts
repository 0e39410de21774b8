import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rename, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../errors/fleet-error.js';
import { livenessOf, ownIdentity } from './process-identity.js';
import { makeFolder } from './shared-folder.js';

/**
 * Does `work` while holding `path` as a lock against other processes and against ourselves. One left
 * behind by a process that has died is taken over at once; one of another machine, or of a container,
 * after 10 s, for the work meant here is a read and an append. Rejects if the lock cannot be made or
 * not be had.
 *
 * The lock is a folder, and in it one file whose name is its holder's alone. A folder with a file is
 * put in place by rename(2), which replaces nothing but an empty folder: only one of many gets there.
 * To give up the lock, or to take a dead holder's away, is to delete that very name, so whoever comes
 * late with what they saw before deletes nothing.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const holder = newHolder();
  await acquire(path, holder);
  try {
    return await work();
  } finally {
    await giveUp(path, holder);
  }
}

async function acquire(path: string, holder: string): Promise<void> {
  const own = `${path}.${holder.slice(-RANDOM_DIGITS)}`;
  makeFolder(own);
  try {
    await writeFile(join(own, holder), '', { flag: 'wx', mode: 0o600 });
    for (let waited = 0; waited < GIVE_UP_MS; waited += POLL_MS) {
      if (await isPutInPlace(own, path)) return;
      if (!(await takeStaleAway(path))) await sleep(POLL_MS);
    }
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
  await rm(own, { recursive: true, force: true });
  throw new FleetError('file_unusable', `${path} is held by another process`, {
    hint: 'remove it if no fleet is running',
  });
}

/** ENOTDIR is for a lock of an earlier fleet, which is a file. */
async function isPutInPlace(own: string, path: string): Promise<boolean> {
  try {
    await rename(own, path);
    return true;
  } catch (error) {
    if (isOneOf(error, ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'])) return false;
    throw error;
  }
}

/** True where there is a point in trying again at once. */
async function takeStaleAway(path: string): Promise<boolean> {
  try {
    for (const name of await readdir(path)) {
      if (!(await isStale(join(path, name), name))) return false;
      await unlink(join(path, name));
    }
  } catch (error) {
    if (isOneOf(error, ['ENOENT'])) return true;
    if (!isOneOf(error, ['ENOTDIR'])) throw error;
    if (!(await isOld(path))) return false;
    // Should it be a folder by now, this fails, and nothing is lost.
    await unlink(path).catch(() => undefined);
  }
  return true;
}

async function isStale(file: string, holder: string): Promise<boolean> {
  const liveness = livenessOfHolder(holder);
  return liveness === 'dead' || (liveness === 'unknown' && (await isOld(file)));
}

/** True for what has gone as well: there is nothing to wait for. */
async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch (error) {
    if (isOneOf(error, ['ENOENT', 'ENOTDIR'])) return true;
    throw error;
  }
}

async function giveUp(path: string, holder: string): Promise<void> {
  await unlink(join(path, holder)).catch(() => undefined);
  // Fails where another has put theirs in place already.
  await rmdir(path).catch(() => undefined);
}

/** Names a process, the world that its id is of, and this one time that it takes a lock. */
function newHolder(): string {
  const { host, boot, pid, start } = ownIdentity();
  const random = randomBytes(RANDOM_DIGITS / 2).toString('hex');
  return [encodeURIComponent(host), boot, processWorld(), pid, start ?? '', random].join('~');
}

function livenessOfHolder(holder: string): 'alive' | 'dead' | 'unknown' {
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

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

const RANDOM_DIGITS = 16;
const POLL_MS = 10;
const STALE_MS = 10_000;
const GIVE_UP_MS = 30_000;

import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../errors/fleet-error.js';

/**
 * Does `work` while holding `path` as a lock against other processes and against ourselves. The
 * file's existence is the lock. One left behind by a killed process is taken over after 10 s, for
 * the work meant here is a read and an append. Rejects if the lock can not be made or not be had.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  for (let waited = 0; waited < GIVE_UP_MS; waited += POLL_MS) {
    try {
      const handle = await open(path, 'wx', 0o600);
      return await handle.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isStale(path)) await rm(path, { force: true });
    else await sleep(POLL_MS);
  }
  throw new FleetError('file_unusable', `${path} is held by another process`, {
    hint: 'remove it if no fleet is running',
  });
}

async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}

const POLL_MS = 10;
const STALE_MS = 10_000;
const GIVE_UP_MS = 30_000;

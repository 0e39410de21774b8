import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../errors/has-code.js';

/** A run that is paused for days still sends its archive from such a folder. */
const LEFT_BEHIND_MS = 24 * 3_600_000;
const NAME = /^release-(\d+)-\w{6}$/;

/**
 * Makes a private folder for one release. First removes those of dead processes, which could not clean up: an
 * unpacked release may take gigabytes.
 */
export async function makeWorkFolder(tmpDir: string): Promise<string> {
  await mkdir(tmpDir, { recursive: true, mode: 0o700 });
  await removeLeftBehind(tmpDir).catch(() => undefined);
  return mkdtemp(join(tmpDir, `release-${process.pid}-`));
}

/**
 * Removes it with all its files, after children and streams that have just ended have written their last. Leftovers
 * are removed a day later; the run does not fail over them.
 */
export async function removeWorkFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(
    () => undefined,
  );
}

async function removeLeftBehind(tmpDir: string): Promise<void> {
  for (const name of await readdir(tmpDir)) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const folder = join(tmpDir, name);
    // A process of another container that shares the folder is not visible here.
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await rm(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Puts a whole new content in the place of a file that other programs read: a reader finds the old content or the new
 * one. `mode` holds whatever the umask is. Throws the system's error.
 */
export function replacePublicFile(file: string, content: string, mode: number): void {
  // Collectors read names that end in theirs alone.
  const next = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    rmSync(next, { force: true });
    // Made anew, so it is never a link or a pipe that is there already.
    writeFileSync(next, content, { flag: 'wx', mode });
    chmodSync(next, mode);
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

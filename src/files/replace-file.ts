import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { shareFile } from './shared-folder.js';

/**
 * Puts a whole new content in the place of a file, readable by its owner alone, or in a folder of a
 * group by that group: a reader, or a machine that loses power, finds the old content or the new one
 * and nothing between. With `mode`, it has that one, whatever the umask is: for files that other programs read.
 */
export function replaceFile(file: string, content: string, mode?: number): void {
  const next = `${file}.${process.pid}.tmp`;
  try {
    rmSync(next, { force: true });
    // Made anew, so it is never a link or a pipe that is there already.
    const descriptor = openSync(next, 'wx', 0o600);
    try {
      if (mode === undefined) shareFile(file, descriptor);
      else fchmodSync(descriptor, mode);
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    // A write that fails names no file.
    if (error instanceof Error && !('path' in error)) Object.assign(error, { path: file });
    throw error;
  }
  syncFolder(dirname(file));
}

/** Makes the names in a folder as durable as the files they name. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

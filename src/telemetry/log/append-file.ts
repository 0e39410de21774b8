import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { reasonOf } from '../../errors/reason.js';

const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;

/** A file that lines are added to as long as a run lasts. */
export interface AppendFile {
  append(lines: string): void;
  close(): void;
}

/**
 * Opens a file for adding lines, for its owner only (0600); a pipe or a device is written as it is. Another program may move
 * it away: the next lines go into a new file of that name. Never throws: the first failure is passed to `warn`, and later
 * lines are tried again.
 */
export function openAppendFile(file: string, warn: (message: string) => void): AppendFile {
  let descriptor: number | null = null;
  let isTorn = false;
  let isWarned = false;

  const close = (): void => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  const opened = (): number => {
    if (descriptor !== null && !isAt(descriptor, file)) close();
    // Does not wait for the reader of a pipe.
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK;
    descriptor ??= openSync(file, flags, 0o600);
    return descriptor;
  };

  return {
    append(lines) {
      try {
        const bytes = Buffer.from(isTorn ? `\n${lines}` : lines);
        const to = opened();
        isTorn = true;
        for (let at = 0; at < bytes.length; ) at += writeSync(to, bytes, at);
        isTorn = false;
      } catch (error) {
        if (!isWarned) warn(`lines are missing in the log ${file}: ${reasonOf(error)}`);
        isWarned = true;
      }
    },
    close() {
      try {
        close();
      } catch {
        // What could not be written has its warning.
      }
    },
  };
}

/** Whether the open file still has this name. */
function isAt(descriptor: number, file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  const own = fstatSync(descriptor);
  return found !== undefined && found.ino === own.ino && found.dev === own.dev;
}

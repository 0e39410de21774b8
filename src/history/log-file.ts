import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { asciiJson } from '../errors/unicode-escape.js';
import { makeFolder, shareFile } from '../files/shared-folder.js';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR } = constants;

/** A log that is open for adding lines. */
interface OpenLog {
  /** Null for what is no file, e.g. a pipe: it can only be written. */
  readonly descriptor: number | null;
  /**
   * Adds a line, and returns once it is on disk. The line is one append, so that lines of parallel processes do not mix;
   * after a line that a full disk has cut it starts a new one.
   */
  append(line: string): void;
}

/**
 * Opens a log, made if need be for its owner only (0600, in a folder 0700), or for the group of its folder. Does not wait
 * for the reader of a pipe. Throws the system's error.
 */
export function withLogFile<T>(file: string, work: (log: OpenLog) => T): T {
  makeFolder(dirname(file));
  const descriptor = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  try {
    const isFile = fstatSync(descriptor).isFile();
    if (isFile) shareFile(file, descriptor);
    return work({
      descriptor: isFile ? descriptor : null,
      append(line) {
        const bytes = Buffer.from(`${isFile && isTorn(descriptor) ? '\n' : ''}${line}\n`);
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
        if (isFile) fsyncSync(descriptor);
      },
    });
  } finally {
    closeSync(descriptor);
  }
}

/** Adds one line to a log. Throws the system's error. */
export const appendLine = (file: string, line: string): void =>
  withLogFile(file, (log) => log.append(line));

/** `key=value …`: unusual values are JSON strings in plain ASCII. */
export function pairsText(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}=${quoted(value)}`)
    .join(' ');
}

/** Only if a reason was given. */
export const reasonField = (reason: string | null | undefined): Readonly<Record<string, string>> =>
  reason == null ? {} : { reason };

function isTorn(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  if (size === 0) return false;
  readSync(descriptor, last, 0, 1, size - 1);
  return last.toString() !== '\n';
}

function quoted(value: string): string {
  if (/^[A-Za-z0-9_.:@/+,-]+$/.test(value)) return value;
  return asciiJson(JSON.stringify(value));
}

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ErrorCode } from './codes.js';
import { FleetError } from './fleet-error.js';

interface Meaning {
  readonly code: ErrorCode;
  /** What is wrong, after the path. */
  readonly is: string;
  /** The remedy; `FILE` becomes the path, `FOLDER` the folder that contains it. */
  readonly hint: string;
}

const may = 'check who owns FILE and its folder, and their modes: ls -ld';
const full = (is: string, hint: string): Meaning => ({ code: 'bastion_full', is, hint });
const unusable = (is: string, hint: string): Meaning => ({ code: 'file_unusable', is, hint });
const device = unusable('cannot be read or written: disk error', 'see the system log: dmesg');

/** The system's file errors in words for people; none of these is a bug of fleet. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['EACCES', unusable('is not accessible for this account', may)],
  ['EPERM', unusable('is not accessible for this account', may)],
  [
    'EROFS',
    unusable(
      'is on a read-only file system',
      'make that writable, or name a folder elsewhere: findmnt -T FOLDER',
    ),
  ],
  [
    'ENOENT',
    unusable('does not exist', 'it was removed, or part of its path is wrong: check FILE'),
  ],
  [
    'ENOTDIR',
    unusable(
      'has a file where a folder is needed',
      'move away the file that is in place of a folder: ls -ld FILE',
    ),
  ],
  ['EEXIST', unusable('exists, but is not a folder', 'move FILE away')],
  ['EISDIR', unusable('is a folder, and a file is needed', 'move FILE away')],
  ['ENOTEMPTY', unusable('is not empty', 'look at what is in FILE, and move it away')],
  ['ENAMETOOLONG', unusable('is longer than this system allows', 'use a shorter path')],
  ['ELOOP', unusable('has links that lead in a circle', 'look at its links: ls -ld FILE')],
  ['ETXTBSY', unusable('is in use as a program', 'try again when that has ended')],
  ['EBUSY', unusable('is in use', 'try again when that has ended')],
  ['ENXIO', unusable('is not a writable file', 'move FILE away')],
  ['ENODEV', unusable('is not a writable file', 'move FILE away')],
  ['EIO', device],
  ['ESTALE', device],
  ['ENOSPC', full('cannot be written: the disk is full', 'free some space there: df -h FOLDER')],
  ['EDQUOT', full('cannot be written: the quota is used up', 'free some space there: quota -s')],
  [
    'EFBIG',
    full('cannot be written: it would be too large', 'raise the limit: ulimit -f unlimited'),
  ],
  [
    'EMFILE',
    full(
      'cannot be opened: this process has too many files open',
      'raise the limit with ulimit -n, or select fewer hosts with --limit',
    ),
  ],
  [
    'ENFILE',
    full(
      'cannot be opened: this machine has too many files open',
      'stop some processes, or raise fs.file-max',
    ),
  ],
  [
    'ENOMEM',
    full(
      'cannot be used: there is no memory left',
      'stop some processes, or select fewer hosts with --limit',
    ),
  ],
  [
    'EAGAIN',
    full(
      'cannot be started: there are too many processes',
      'stop some processes, or raise the limit: ulimit -u',
    ),
  ],
]);

/**
 * A system error about a file of this machine, as a refusal with its remedy; null for every other error. `what` names the
 * purpose of the file.
 */
export function fileProblem(error: unknown, what?: string): FleetError | null {
  if (!(error instanceof Error)) return null;
  const { code, syscall, path } = partsOf(error);
  const meaning = code === undefined ? undefined : meaningOf(code, syscall, path);
  if (meaning === undefined || syscall === undefined || OF_THE_NETWORK.has(syscall)) return null;
  const name = path ?? 'a file';
  const subject = what === undefined ? name : `${what} (${name})`;
  return new FleetError(meaning.code, `${subject} ${meaning.is} (${code})`, {
    hint: meaning.hint.replaceAll('FILE', name).replaceAll('FOLDER', dirname(name)),
    cause: error,
  });
}

function meaningOf(code: string, syscall?: string, path?: string): Meaning | undefined {
  if (code === 'ENOSPC' && path !== undefined && hasNoInodes(path)) return NO_INODES;
  if (code === 'ENOENT' && syscall?.startsWith('spawn') === true) return NO_PROGRAM;
  // Node also reports this for a folder on a read-only file system.
  return code === 'ENOENT' && syscall === 'mkdir' ? NOT_MADE : MEANINGS.get(code);
}

/** The system reports this although gigabytes are free. */
function hasNoInodes(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { files, ffree } = statfsSync(at);
      return files > 0 && ffree === 0;
    } catch {
      if (at === dirname(at)) return false;
    }
  }
}

const NO_INODES = full(
  'cannot be written: the disk has no inodes left',
  'delete files that are not needed (each takes an inode): df -i FOLDER',
);

const NO_PROGRAM = unusable(
  'is not a program on this machine',
  'install it, or add its folder to PATH',
);

const NOT_MADE = unusable(
  'cannot be made',
  'the folder above it does not exist, or its file system is read-only: findmnt -T FOLDER',
);

/** The same codes for other reasons. */
const OF_THE_NETWORK: ReadonlySet<string> = new Set([
  'connect',
  'bind',
  'listen',
  'accept',
  'getaddrinfo',
]);

function partsOf(error: Error): Readonly<Record<'code' | 'syscall' | 'path', string | undefined>> {
  const text = (key: string): string | undefined => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? value : undefined;
  };
  return { code: text('code'), syscall: text('syscall'), path: text('path') ?? text('dest') };
}

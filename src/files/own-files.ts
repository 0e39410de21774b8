import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';
import { FleetError } from '../errors/fleet-error.js';
import { hasCode } from '../errors/has-code.js';
import { isOfSharingGroup, makeFolder, shareFile } from './shared-folder.js';

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * Makes sure of a folder of fleet's own, made if need be: of this user (0700), or in a folder of a
 * group that group's (2770). Throws where something else has its name: a link, or what belongs to a
 * user who is no part of that, could send what is written there elsewhere.
 */
export function ensureOwnFolder(folder: string): void {
  makeFolder(folder);
  refuseForeignOrLink(folder, isOfSharingGroup);
}

/** As {@link ensureOwnFolder}, of this user alone, wherever it lies. */
export function ensurePersonalFolder(folder: string): void {
  makeFolder(folder);
  refuseForeignOrLink(folder, () => false);
}

function refuseForeignOrLink(folder: string, isShared: typeof isOfSharingGroup): void {
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw refused(`${folder} is not a folder`);
  if (!isShared(folder, found)) refuseForeign(folder, found.uid);
}

/**
 * Opens a file of fleet's own (0600, or 0660 in a folder of a group), never through a link; `flags` as
 * of open(2).
 */
export function openOwn(file: string, flags: number): number {
  // Without O_NONBLOCK a pipe in its place would hold fleet up until someone writes there.
  const descriptor = openSync(file, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw refused(`${file} is not a file`);
    if (!isOfSharingGroup(file, found)) refuseForeign(file, found.uid);
    if ((flags & O_CREAT) !== 0) shareFile(file, descriptor);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The text of a file of fleet's own; empty where there is none. Throws as {@link openOwn} does. */
export function readOwn(file: string): string {
  try {
    const descriptor = openOwn(file, O_RDONLY);
    try {
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
}

/** Root could change anything; what root made by `sudo fleet` is read on. */
function refuseForeign(path: string, uid: number): void {
  const own = process.geteuid?.();
  if (own === undefined || uid === own || uid === 0) return;
  throw refused(`${path} belongs to another user (uid ${uid})`);
}

function refused(message: string): FleetError {
  return new FleetError('untrusted_file', message, {
    hint: 'fleet keeps its own files there: move it away, then run the command again',
  });
}

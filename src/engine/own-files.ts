import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { FleetError } from '../errors/fleet-error.js';

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/**
 * Makes sure of a folder of this user's own (0700), made if need be. Throws where something else has
 * its name: a link, or what belongs to another user, could send what is written there elsewhere.
 */
export function ensureOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw refused(`${folder} is not a folder`);
  refuseForeign(folder, found.uid);
}

/** Opens a file of this user's own, never through a link; `flags` as of open(2). */
export function openOwn(file: string, flags: number, mode = 0o600): number {
  // Without O_NONBLOCK a pipe in its place would hold fleet up until someone writes there.
  const descriptor = openSync(file, flags | O_NOFOLLOW | O_NONBLOCK, mode);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw refused(`${file} is not a file`);
    refuseForeign(file, found.uid);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** The text of a file of this user's own; empty where there is none. Throws as {@link openOwn} does. */
export function readOwn(file: string): string {
  try {
    const descriptor = openOwn(file, O_RDONLY);
    try {
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
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

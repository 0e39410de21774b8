import { chmodSync, fchmodSync, fstatSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Set-gid, so that all below is of the group too; written by the group, and by no one else. */
const SHARED = 0o2020;
const OTHERS_WRITE = 0o002;
const GROUP_ACCESS = 0o060;

/**
 * The group that a folder is for, where its owner has made it a group's: set-gid, writable by the group
 * and not by everyone (`chmod 2770`). Null for every other folder, and for what is none.
 */
export function sharingGroup(folder: string): number | null {
  try {
    const found = lstatSync(folder);
    const isShared = (found.mode & SHARED) === SHARED && (found.mode & OTHERS_WRITE) === 0;
    return found.isDirectory() && isShared ? found.gid : null;
  } catch {
    return null;
  }
}

/**
 * Makes a folder and what is missing above it: for its owner alone (0700), or below a folder of a
 * group for that group (2770). Throws the system's error.
 */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined || sharingGroup(dirname(first)) === null) return;
  for (let at = folder; at.startsWith(first); at = dirname(at)) chmodSync(at, 0o2770);
}

/**
 * Gives a file of ours that lies in a folder of a group to that group, to read and to write. What is
 * elsewhere, or another's, stays as it is.
 */
export function shareFile(file: string, descriptor: number): void {
  if (sharingGroup(dirname(file)) === null) return;
  const { uid, mode } = fstatSync(descriptor);
  const isOpen = (mode & GROUP_ACCESS) === GROUP_ACCESS;
  if (uid === process.geteuid?.() && !isOpen) fchmodSync(descriptor, 0o660);
}

/** Whether a file is one of the group that its folder is for, and no one else could write it. */
export function isOfSharingGroup(
  path: string,
  { gid, mode }: { readonly gid: number; readonly mode: number },
): boolean {
  return gid === sharingGroup(dirname(path)) && (mode & OTHERS_WRITE) === 0;
}

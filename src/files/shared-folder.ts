import { chmodSync, fchmodSync, fstatSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Set-gid, so that all files below belong to the group too; writable by the group and no one else. */
const SHARED = 0o2020;
const OTHERS_WRITE = 0o002;
const GROUP_ACCESS = 0o060;

/**
 * The group of a folder that its owner shares with a group: set-gid, writable by the group and not by everyone
 * (`chmod 2770`). Null for every other path.
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
 * Makes a folder and its missing parents: for its owner only (0700), or below a folder of a group for that
 * group (2770). Throws the system's error.
 */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined || sharingGroup(dirname(first)) === null) return;
  for (let at = folder; at.startsWith(first); at = dirname(at)) chmodSync(at, 0o2770);
}

/**
 * Gives a file of this user in a folder of a group to that group, for reading and writing. Other files stay
 * as they are.
 */
export function shareFile(file: string, descriptor: number): void {
  if (sharingGroup(dirname(file)) === null) return;
  const { uid, mode } = fstatSync(descriptor);
  const isOpen = (mode & GROUP_ACCESS) === GROUP_ACCESS;
  if (uid === process.geteuid?.() && !isOpen) fchmodSync(descriptor, 0o660);
}

/** Whether a file belongs to the group of its folder, and no one else can write it. */
export function isOfSharingGroup(
  path: string,
  { gid, mode }: { readonly gid: number; readonly mode: number },
): boolean {
  return gid === sharingGroup(dirname(path)) && (mode & OTHERS_WRITE) === 0;
}

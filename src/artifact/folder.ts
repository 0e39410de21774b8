import { type BigIntStats, lstatSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FleetError } from '../errors/fleet-error.js';
import { nameProblem, quoteName } from './entry-name.js';
import { sortEntries, TREE_LIMITS, type TreeEntry } from './tree.js';

/** A folder as it was found: its members in order, and for each what tells that it was changed. */
export interface FolderReading {
  readonly entries: readonly TreeEntry[];
  readonly stamps: ReadonlyMap<string, string>;
  /** Every `.git` below the top, which is passed over like the one at the top. */
  readonly repositories: readonly string[];
}

/**
 * Walks a folder without following links. Hard links become files of their own; a top-level `.git`
 * is passed over. Throws `source_invalid` for what a release can not carry.
 */
export async function readFolder(root: string): Promise<FolderReading> {
  const found: TreeEntry[] = [];
  const stamps = new Map<string, string>();
  const pending = [''];
  let bytes = 0;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const names = await namesIn(root, folder);
    if (found.length + names.length > TREE_LIMITS.entries) throw tooMuch(root);
    const members = await Promise.all(names.map((name) => readMember(root, join(folder, name))));
    for (const { entry, stamp } of members) {
      found.push(entry);
      stamps.set(entry.path, stamp);
      if (entry.kind === 'folder') pending.push(entry.path);
      if (entry.kind === 'file') bytes += entry.content.size;
    }
    if (bytes > TREE_LIMITS.bytes) throw tooMuch(root);
  }
  return { entries: sortEntries(found), stamps };
}

/** The first path that is new, gone or different in a later reading of the same folder; null if none. */
export function firstChange(before: FolderReading, after: FolderReading): string | null {
  for (const [path, stamp] of before.stamps) if (after.stamps.get(path) !== stamp) return path;
  for (const path of after.stamps.keys()) if (!before.stamps.has(path)) return path;
  return null;
}

/** Says that a folder did not hold still; the remedy is the same whatever it was. */
export function changedWhileRead(root: string, path: string): FleetError {
  return new FleetError('source_invalid', `${root} changed while it was read: ${quoteName(path)}`, {
    hint: 'Wait until the build has finished, then deploy again.',
  });
}

async function namesIn(root: string, folder: string): Promise<readonly string[]> {
  const raw = await readdir(join(root, folder), { encoding: 'buffer' }).catch((error: unknown) => {
    throw unreadable(root, folder, error);
  });
  const names = raw.map((name) => name.toString('utf8'));
  return folder === '' ? names.filter((name) => name !== '.git') : names;
}

async function readMember(
  root: string,
  path: string,
): Promise<{ readonly entry: TreeEntry; readonly stamp: string }> {
  const problem = nameProblem(path);
  if (problem !== null) throw refused(root, path, problem);
  const file = join(root, path);
  try {
    // Some microseconds here, or a trip to the thread pool that costs ten times as much.
    const stats = lstatSync(file, { bigint: true });
    const stamp = [stats.ino, stats.mode, stats.size, stats.mtimeNs, stats.ctimeNs].join();
    if (stats.isDirectory()) {
      // A folder's own times change with anything in it, even what is passed over.
      return { entry: { kind: 'folder', path }, stamp: `${stats.ino}` };
    }
    if (stats.isSymbolicLink()) return { entry: await readLinkOf(root, path), stamp };
    if (!stats.isFile()) throw refused(root, path, `is ${specialKind(stats)}`);
    const executable = (stats.mode & 0o100n) !== 0n;
    const content = { file, offset: 0, size: Number(stats.size) };
    return { entry: { kind: 'file', path, executable, content }, stamp };
  } catch (error) {
    throw error instanceof FleetError ? error : unreadable(root, path, error);
  }
}

async function readLinkOf(root: string, path: string): Promise<TreeEntry> {
  const target = await readlink(join(root, path));
  const problem = nameProblem(target);
  if (problem !== null) throw refused(root, path, `is a link whose target ${problem}`);
  return { kind: 'link', path, target };
}

function specialKind(stats: BigIntStats): string {
  if (stats.isSocket()) return 'a socket';
  if (stats.isFIFO()) return 'a named pipe';
  return 'a device';
}

function refused(root: string, path: string, why: string): FleetError {
  return new FleetError('source_invalid', `${root}: ${quoteName(path)} ${why}`, {
    hint: 'A release holds regular files, folders and links. Build into a folder of its own, or remove this.',
  });
}

function tooMuch(root: string): FleetError {
  const { entries, bytes } = TREE_LIMITS;
  const limits = `${entries} entries or ${bytes / 1024 ** 3} GiB`;
  return new FleetError('source_invalid', `${root} holds more than ${limits}`, {
    hint: 'Is it the right folder? `release.from` in fleet.yaml or `--from` names it.',
  });
}

/** Also what a file that can not be opened while packing is told as. */
export function unreadable(root: string, path: string, cause: unknown): FleetError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
  const place = path === '' ? root : `${root}: ${quoteName(path)}`;
  switch (code) {
    case 'ENOENT':
      if (path !== '') return changedWhileRead(root, path);
      return new FleetError('source_invalid', `${root} does not exist`, {
        cause,
        hint: 'Build first, or name another source with --from.',
      });
    case 'ENOTDIR':
      return new FleetError('source_invalid', `${place} is not a folder`, { cause });
    case 'EACCES':
    case 'EPERM':
      return new FleetError('source_invalid', `${place} can not be read: permission denied`, {
        cause,
        hint: 'Every file of a release must be readable by you.',
      });
    default:
      return new FleetError('source_invalid', `${place} can not be read: ${code}`, { cause });
  }
}

import { type BigIntStats, lstatSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FleetError } from '../errors/fleet-error.js';
import { nameProblem, quoteName } from './tree/entry-name.js';
import { Pace } from './tree/pace.js';
import {
  limitsText,
  nameBytesOf,
  releaseMode,
  sortEntries,
  TREE_LIMITS,
  type TreeEntry,
} from './tree/tree.js';

/** A folder as it was read: its members in order, each with what shows a later change. */
export interface FolderReading {
  readonly entries: readonly TreeEntry[];
  readonly stamps: ReadonlyMap<string, string>;
  /** Every `.git` below the top; left out like the one at the top. */
  readonly repositories: readonly string[];
}

/**
 * Walks a folder without following links. Hard links become separate files; `.git` is skipped. Throws
 * `source_invalid` for what a release cannot contain, and the signal's reason.
 */
export async function readFolder(root: string, signal?: AbortSignal): Promise<FolderReading> {
  const found: TreeEntry[] = [];
  const stamps = new Map<string, string>();
  const repositories: string[] = [];
  const pace = new Pace(signal);
  const pending = [''];
  const total = { bytes: 0, nameBytes: 0 };
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const names = await namesIn(root, folder);
    if (found.length + names.length > TREE_LIMITS.entries) throw tooMuch(root);
    for (const name of names) {
      if (pace.due()) await pace.rest();
      if (name === '.git') {
        if (folder !== '') repositories.push(join(folder, name));
        continue;
      }
      const { entry, stamp } = await readMember(root, join(folder, name));
      found.push(entry);
      stamps.set(entry.path, stamp);
      if (entry.kind === 'folder') pending.push(entry.path);
      if (entry.kind === 'file') total.bytes += entry.content.size;
      total.nameBytes += nameBytesOf(entry);
      if (total.bytes > TREE_LIMITS.bytes || total.nameBytes > TREE_LIMITS.nameBytes) {
        throw tooMuch(root);
      }
    }
  }
  return { entries: sortEntries(found), stamps, repositories };
}

/** The first path that is new, gone or different in a later reading of the same folder; null if none. */
export function firstChange(before: FolderReading, after: FolderReading): string | null {
  for (const [path, stamp] of before.stamps) if (after.stamps.get(path) !== stamp) return path;
  for (const path of after.stamps.keys()) if (!before.stamps.has(path)) return path;
  return null;
}

/** The folder changed meanwhile; the remedy is the same for any change. */
export function changedWhileRead(root: string, path: string): FleetError {
  return new FleetError('source_invalid', `${root} changed while it was read: ${quoteName(path)}`, {
    hint: 'Wait until the build has finished, then deploy again.',
  });
}

async function namesIn(root: string, folder: string): Promise<readonly string[]> {
  const raw = await readdir(join(root, folder), { encoding: 'buffer' }).catch((error: unknown) => {
    throw unreadable(root, folder, error);
  });
  return raw.map((name) => name.toString('utf8'));
}

async function readMember(
  root: string,
  path: string,
): Promise<{ readonly entry: TreeEntry; readonly stamp: string }> {
  const problem = nameProblem(path);
  if (problem !== null) throw refused(root, path, problem);
  const file = join(root, path);
  try {
    // A synchronous call takes microseconds, a trip to the thread pool ten times as much.
    const stats = lstatSync(file, { bigint: true });
    const stamp = [stats.ino, stats.mode, stats.size, stats.mtimeNs, stats.ctimeNs].join();
    if (stats.isDirectory()) {
      // A folder's own times change with any file in it, even a skipped one.
      const mode = releaseMode('folder', Number(stats.mode));
      return { entry: { kind: 'folder', path, mode }, stamp: `${stats.ino},${mode}` };
    }
    if (stats.isSymbolicLink()) return { entry: await readLinkOf(root, path), stamp };
    if (!stats.isFile()) throw refused(root, path, `is ${specialKind(stats)}`);
    const mode = releaseMode('file', Number(stats.mode));
    const content = { file, offset: 0, size: Number(stats.size) };
    return { entry: { kind: 'file', path, mode, content }, stamp };
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
    hint: 'A release contains regular files, folders and links. Build into a separate folder, or remove this file.',
  });
}

function tooMuch(root: string): FleetError {
  return new FleetError('source_invalid', `${root} holds more than ${limitsText(TREE_LIMITS)}`, {
    hint: 'Is it the right folder? `release.from` in fleet.yaml or `--from` names it.',
  });
}

/** Also for a file that cannot be opened while packing. */
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
      return new FleetError('source_invalid', `${place} cannot be read: permission denied`, {
        cause,
        hint: 'Every file of a release must be readable by you.',
      });
    default:
      return new FleetError('source_invalid', `${place} cannot be read: ${code}`, { cause });
  }
}

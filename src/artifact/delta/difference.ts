import type { ManifestEntry } from '../tree/manifest.js';

/** What makes a copy of one tree into another. */
export interface Difference {
  /** Paths of the new tree that are not in the base as they should be: these travel. */
  readonly sent: ReadonlySet<string>;
  /**
   * Paths that are deleted from the copy before anything is unpacked, with all that is below them. The folder of
   * each is one that stays.
   */
  readonly cleared: readonly string[];
  /** Folders that stay and are sent for their mode. The host makes sure that they are folders. */
  readonly kept: readonly string[];
  /** Content of the files that travel, in bytes. */
  readonly bytes: number;
}

type ByPath = ReadonlyMap<string, ManifestEntry>;

/**
 * The difference from a release on a host to another tree. `own` are paths of a release that fleet makes on the host
 * itself, as version.json and links to shared/: they are in neither manifest, so they are cleared, and what the new tree
 * has there or below is sent.
 */
export function differenceOf(
  base: readonly ManifestEntry[],
  next: readonly ManifestEntry[],
  own: readonly string[],
): Difference {
  const isOwn = new Set(own);
  const trees: Trees = {
    base: byPath(base.filter(({ path }) => !isOwn.has(path))),
    next: byPath(next),
  };
  const kept = keptFolders(trees);
  const sent = new Set<string>();
  const cleared = new Set<string>(own.flatMap((path) => topmost(path, kept)));
  const changed: string[] = [];
  let bytes = 0;
  for (const entry of next) {
    const { path } = entry;
    const stays = kept.has(folderOf(path));
    if (stays && isSame(trees.base.get(path), entry, kept)) continue;
    sent.add(path);
    if (entry.kind === 'file') bytes += entry.size;
    if (kept.has(path)) changed.push(path);
    else if (stays) cleared.add(path);
  }
  for (const { path } of base) {
    if (!trees.next.has(path) && kept.has(folderOf(path))) cleared.add(path);
  }
  return { sent, cleared: [...cleared], kept: changed, bytes };
}

interface Trees {
  readonly base: ByPath;
  readonly next: ByPath;
}

/** Folders of both trees whose parents are too, whatever their modes. The top is the empty path. */
function keptFolders({ base, next }: Trees): ReadonlySet<string> {
  const kept = new Set(['']);
  for (const { kind, path } of next.values()) {
    if (kind !== 'folder' || base.get(path)?.kind !== 'folder') continue;
    if (kept.has(folderOf(path))) kept.add(path);
  }
  return kept;
}

function isSame(
  before: ManifestEntry | undefined,
  after: ManifestEntry,
  kept: ReadonlySet<string>,
): boolean {
  if (before?.kind === 'file' && after.kind === 'file') {
    return (
      before.sha256 === after.sha256 && before.size === after.size && before.mode === after.mode
    );
  }
  if (before?.kind === 'link' && after.kind === 'link') return before.target === after.target;
  if (before?.kind !== 'folder' || after.kind !== 'folder') return false;
  return before.mode === after.mode && kept.has(after.path);
}

/** The first part of a path that is no folder that stays: none if all of it stays. */
function topmost(path: string, kept: ReadonlySet<string>): readonly string[] {
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const part = end < 0 ? path : path.slice(0, end);
    if (!kept.has(part)) return [part];
    if (end < 0) return [];
  }
}

const byPath = (entries: readonly ManifestEntry[]): ByPath =>
  new Map(entries.map((entry) => [entry.path, entry]));

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

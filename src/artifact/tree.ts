/** Where the bytes of a file lie on this machine: a file of the folder, or a part of a spool. */
export interface Content {
  readonly file: string;
  readonly offset: number;
  readonly size: number;
}

/** One member of a release before it is packed. Paths are relative, with `/`, without `.` or `..`. */
export type TreeEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly executable: boolean;
      readonly content: Content;
    };

/** How much a release may hold, so that a mistake or a bomb ends before the disk does. */
export interface TreeLimits {
  readonly entries: number;
  readonly bytes: number;
}

export const TREE_LIMITS: TreeLimits = { entries: 200_000, bytes: 20 * 1024 ** 3 };

/** Bytewise order of the UTF-8 paths: the same on every machine, and a folder before what it holds. */
export function sortEntries(entries: Iterable<TreeEntry>): readonly TreeEntry[] {
  return [...entries]
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/**
 * Takes out what a release may not carry at its top: `.git`, silently, and `version.json`, which
 * fleet writes itself on each host, with a warning.
 */
export function withoutReserved(entries: readonly TreeEntry[]): {
  readonly entries: readonly TreeEntry[];
  readonly warnings: readonly string[];
} {
  const top = (entry: TreeEntry) => entry.path.split('/', 1)[0];
  const kept = entries.filter((entry) => top(entry) !== '.git' && top(entry) !== 'version.json');
  const dropped = entries.some((entry) => top(entry) === 'version.json');
  const warning = 'version.json was left out: fleet writes its own into each release';
  return { entries: kept, warnings: dropped ? [warning] : [] };
}

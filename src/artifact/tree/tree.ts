import { quoteName } from './entry-name.js';

/** Where the bytes of a file are on this machine: in a file of the folder, or in a part of a spool. */
export interface Content {
  readonly file: string;
  readonly offset: number;
  readonly size: number;
}

/**
 * One member of a release before it is packed. Paths are relative, with `/`, without `.` or `..`; modes are as
 * `releaseMode` gives them.
 */
export type TreeEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly content: Content;
    };

/** The mode of a folder that the source does not list. */
export const FOLDER_MODE = 0o755;
const UMASK = 0o022;
const OWNERS = { file: 0o400, folder: 0o700 } as const;

/**
 * A member's permission bits on every host: those of its source, minus umask 022. setuid, setgid and the sticky bit
 * are dropped. Folders stay open to their owner, or fleet could neither fill nor delete them, and files readable, or
 * no one could verify them.
 */
export function releaseMode(kind: 'file' | 'folder', mode: number): number {
  return (mode & 0o777 & ~UMASK) | OWNERS[kind];
}

/** The size limit of a release, so that a mistake or a bomb is stopped before the disk is full. */
export interface TreeLimits {
  readonly entries: number;
  readonly bytes: number;
  /** All paths and link targets together: they are kept in memory. */
  readonly nameBytes: number;
}

export const TREE_LIMITS: TreeLimits = {
  entries: 200_000,
  bytes: 20 * 1024 ** 3,
  nameBytes: 64 * 1024 ** 2,
};

/** What an entry adds to `nameBytes`. */
export function nameBytesOf(entry: TreeEntry): number {
  const target = entry.kind === 'link' ? Buffer.byteLength(entry.target) : 0;
  return Buffer.byteLength(entry.path) + target;
}

/** The limits in words. */
export function limitsText({ entries, bytes, nameBytes }: TreeLimits): string {
  return `${entries} entries, ${bytes / 1024 ** 3} GiB, or ${nameBytes / 1024 ** 2} MiB of names`;
}

/** Bytewise order of the UTF-8 paths: the same on every machine, and a folder before its files. */
export function sortEntries(entries: Iterable<TreeEntry>): readonly TreeEntry[] {
  return [...entries]
    .map((entry) => ({ entry, key: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/**
 * Removes what a release may not contain: `version.json` at its top, which fleet writes itself on each host, and
 * `.git`, which has the history and perhaps passwords. `alsoLeftOut` are further `.git` that the caller has not
 * read. Each with a warning, except a `.git` at the top.
 */
export function withoutReserved(
  entries: readonly TreeEntry[],
  alsoLeftOut: readonly string[] = [],
): {
  readonly entries: readonly TreeEntry[];
  readonly warnings: readonly string[];
} {
  const isVersion = ({ path }: TreeEntry) => path.split('/', 1)[0] === 'version.json';
  const inGit = ({ path }: TreeEntry) => IN_GIT.test(path);
  const kept = entries.filter((entry) => !inGit(entry) && !isVersion(entry));
  const found = entries.map(({ path }) => path).filter((path) => GIT_BELOW.test(path));
  const version = 'version.json was left out: fleet writes its own into each release';
  return {
    entries: kept,
    warnings: [
      ...(entries.some(isVersion) ? [version] : []),
      ...repositoriesLeftOut([...alsoLeftOut, ...found]),
    ],
  };
}

const IN_GIT = /(^|\/)\.git(\/|$)/;
const GIT_BELOW = /\/\.git$/;

function repositoriesLeftOut([first, ...others]: readonly string[]): readonly string[] {
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` and ${others.length} more like it`;
  return [`${quoteName(first)}${more} left out: a release contains no git repository`];
}

import type { SharedPath } from '../runs/app.js';
import type { FoundShare } from './found.js';

/** The shared paths of the releases beside those of `fleet.yaml`. */
export interface SharesCompared {
  /** What the current releases link, as `fleet.yaml` writes it: folders end in a slash. */
  readonly found: readonly string[];
  /** Those that `fleet.yaml` lacks. */
  readonly missing: readonly string[];
  /** Those of `fleet.yaml` that no current release links. */
  readonly extra: readonly string[];
  /** Links that lead to another path of shared/ than their own, which fleet cannot make. */
  readonly unlike: readonly FoundShare[];
}

/** Compares what was found on all hosts with the configuration. */
export function compareShares(
  shares: readonly FoundShare[],
  configured: readonly SharedPath[],
): SharesCompared {
  const alike = shares.filter(({ path, target }) => path === target);
  const found = distinct(alike.map(({ path, kind }) => written(path, kind === 'folder')));
  const wanted = configured.map(({ path, kind }) => written(path, kind === 'folder'));
  const paths = new Set(found.map(bare));
  const known = new Set(wanted.map(bare));
  const unlike = shares.filter(({ path, target }) => path !== target);
  return {
    found,
    missing: found.filter((path) => !known.has(bare(path))),
    extra: found.length === 0 ? [] : wanted.filter((path) => !paths.has(bare(path))),
    unlike: [...new Map(unlike.map((each) => [`${each.path}\0${each.target}`, each])).values()],
  };
}

const written = (path: string, isFolder: boolean): string => (isFolder ? `${path}/` : path);

const bare = (path: string): string => path.replace(/\/$/, '');

const distinct = (paths: readonly string[]): readonly string[] => [...new Set(paths)].toSorted();

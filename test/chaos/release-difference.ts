import type { Entries, Entry } from './releases.js';

/** One path in which a release as found is not the release as made. */
export interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'changed' | 'added';
}

/** Where two file sets differ, whole content included. */
export function differences(made: Entries, found: Entries): readonly Difference[] {
  const missing = [...made].flatMap(([path, entry]): readonly Difference[] => {
    const other = found.get(path);
    if (other === undefined) return [{ path, kind: 'missing' }];
    return isSame(entry, other) ? [] : [{ path, kind: 'changed' }];
  });
  const added = [...found.keys()]
    .filter((path) => !made.has(path))
    .map((path): Difference => ({ path, kind: 'added' }));
  return [...missing, ...added];
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.kind === 'link') return other.kind === 'link' && one.target === other.target;
  if (other.kind !== 'file') return false;
  return one.sha256 === other.sha256 && one.executable === other.executable;
}

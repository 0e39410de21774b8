import { LinkWalk, type SymbolicLink } from './link-walk.js';
import { Pace } from './pace.js';
import type { TreeEntry } from './tree.js';

/**
 * Finds a symbolic link that is absolute or leads out of the release, following every link on the
 * way as a kernel would: `a/b -> ../..` and then `c -> a/b/..` stay inside by their spelling alone.
 * Links to nothing and loops stay where they are, so they pass. Each link is followed once.
 */
export async function findEscapingLink(
  entries: readonly TreeEntry[],
  signal?: AbortSignal,
): Promise<SymbolicLink | null> {
  const pace = new Pace(signal);
  const walk = new LinkWalk();
  for (const entry of entries) {
    if (entry.kind === 'link') walk.add(entry);
    if (pace.due()) await pace.rest();
  }
  for (const _ of walk.steps()) if (pace.due()) await pace.rest();
  return walk.escaping;
}

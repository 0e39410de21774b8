import { FleetError } from '../../errors/fleet-error.js';
import { quoteName } from './entry-name.js';
import { LinkWalk, type SymbolicLink } from './link-walk.js';
import { Pace } from './pace.js';
import type { TreeEntry } from './tree.js';

/**
 * Finds a symbolic link that is absolute or leaves the release, following links as a kernel would: `a/b -> ../..`
 * and then `c -> a/b/..` stay inside only by their spelling. Dangling links and loops leave nothing, so they
 * pass. Each link is followed once.
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

/** Refuses a release with a link that leaves it. Throws `archive_unsafe`, naming the link. */
export async function refuseEscapingLink(
  label: string,
  entries: readonly TreeEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const link = await findEscapingLink(entries, signal);
  if (link === null) return;
  const where = `${quoteName(link.path)} -> ${quoteName(link.target)}`;
  throw new FleetError('archive_unsafe', `${label}: the link ${where} leaves the release`, {
    hint: 'Make it relative, and keep its target inside the release. Put files that are outside under `shared:`. If the target is on every host (e.g. the python of a venv), set `release: { links: allow }` in fleet.yaml.',
  });
}

import type { HostReleases } from './known-release.js';
import type { ReleaseId } from './names.js';
import { pickByReference } from './pick-release.js';
import type { Release } from './release.js';
import { isGood } from './release-before.js';

/**
 * The one release that a person means of all that a reference fits: that which can be rolled back to,
 * where the others can not. A release was left behind by a run that was interrupted, say, and its commit
 * deployed again. One host alone never rules a release out. Throws `release_ambiguous`.
 */
export function soleMeaning(
  hosts: readonly HostReleases[],
  found: readonly [Release, ...Release[]],
  reference: string,
): Release {
  const ids = [...new Set(found.map(({ id }) => id))];
  const usable = ids.filter((id) => doubtersOf(hosts, id) === 0);
  const elsewhere = usable.filter((id) => hosts.some(({ current }) => current !== id));
  const [sole, ...others] = elsewhere.length > 0 ? elsewhere : usable;
  const isClear = ids.every((id) => usable.includes(id) || isRuledOut(hosts, id));
  const meant = found.find(({ id }) => id === sole);
  return meant !== undefined && others.length === 0 && isClear
    ? meant
    : pickByReference(found, reference);
}

function isRuledOut(hosts: readonly HostReleases[], id: ReleaseId): boolean {
  const doubters = doubtersOf(hosts, id);
  return doubters > 1 || doubters === hosts.length;
}

/** On how many hosts it is not whole and healthy. */
function doubtersOf(hosts: readonly HostReleases[], id: ReleaseId): number {
  return hosts.filter(({ releases }) => !releases.some((known) => known.id === id && isGood(known)))
    .length;
}

import type { ReleaseId } from '../../names.js';
import type { Release } from '../release.js';
import type { HostReleases } from './known-release.js';
import { pickByReference } from './pick-release.js';
import { isGood } from './release-before.js';

/**
 * The one release that a person means if a reference matches several: the one that can be rolled back to, if the others
 * cannot. E.g. an interrupted run left a release and its commit was deployed again. One host alone never rules out a
 * release. Throws `release_ambiguous`.
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

/** On how many hosts it is incomplete or not healthy. */
function doubtersOf(hosts: readonly HostReleases[], id: ReleaseId): number {
  return hosts.filter(({ releases }) => !releases.some((known) => known.id === id && isGood(known)))
    .length;
}

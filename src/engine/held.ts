import type { HostFacts } from '../host/protocol.js';
import { type Earlier, earlierOf } from '../model/earlier.js';
import { byDeployTime, type HostReleases } from '../model/known-release.js';
import type { ReleaseId } from '../model/names.js';
import type { FoundLink } from '../model/plan.js';
import type { Release } from '../model/release.js';
import type { RunKind } from '../model/run-kind.js';
import type { ReadHost } from './admit.js';

/** The release that `current` names; null where it is absent or no link that fleet made. */
export function currentOf(facts: Pick<HostFacts, 'current'>): ReleaseId | null {
  return facts.current.kind === 'link' ? facts.current.release : null;
}

/** The link that fleet did not make, where `current` is one. */
export function foundOf({ current }: Pick<HostFacts, 'current'>): FoundLink | undefined {
  if (current.kind !== 'link' || current.target === undefined) return undefined;
  return { target: current.target, leads: current.leads ?? 'unknown' };
}

/** Whether the release is on the host, complete and with the same content. */
export function hasRelease(facts: HostFacts, release: Release): boolean {
  return facts.releases.some(
    ({ id, complete, meta }) =>
      id === release.id && meta.id === id && complete && meta.digest === release.digest,
  );
}

/** What a host holds, for choosing among it. */
export function heldBy({ host, facts }: ReadHost): HostReleases {
  const { releases } = facts;
  return { host: host.name, current: currentOf(facts), releases, earlier: earlierIn(facts) };
}

function earlierIn(facts: HostFacts): Earlier {
  const { from, to, ran } = facts;
  const kind = facts.kind ?? kindOf(facts);
  return earlierOf({ current: currentOf(facts), from, to, earlier: ran, kind });
}

/** What a switch of an older fleet was, by which of the two releases was deployed first. */
function kindOf({ from, to, releases }: HostFacts): RunKind | null {
  const [left, went] = [from, to].map((id) => releases.find((known) => known.id === id));
  if (left === undefined || went === undefined) return null;
  return byDeployTime(left, went) < 0 ? 'deploy' : 'rollback';
}

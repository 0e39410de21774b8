import type { HostSurvey, ReadHost } from '../engine/admit.js';
import { currentOf } from '../engine/draft.js';
import { FleetError } from '../errors/fleet-error.js';
import type { HostRelease } from '../host/protocol.js';
import { byDeployTime, type HostReleases } from '../model/known-release.js';
import type { ReleaseStanding } from '../model/release.js';
import { pickRollbackTarget } from '../model/rollback-target.js';
import type { ReleaseRow } from '../ui/releases-table.js';

/** Every release of the hosts that were read, newest first. */
export function releaseRows(surveys: readonly HostSurvey[]): readonly ReleaseRow[] {
  const hosts = surveys.filter((survey) => survey.kind === 'read');
  const held = hosts.map(
    ({ host, facts }): HostReleases => ({
      host: host.name,
      current: currentOf(facts),
      releases: facts.releases,
    }),
  );
  const newest = new Map<string, HostRelease>();
  for (const { facts } of hosts) for (const known of facts.releases) newest.set(known.id, known);
  return [...newest.values()]
    .toSorted(byDeployTime)
    .reverse()
    .map((known) => rowOf(known, hosts, held));
}

function rowOf(
  known: HostRelease,
  hosts: readonly ReadHost[],
  held: readonly HostReleases[],
): ReleaseRow {
  const { id, meta } = known;
  const holding = (standing: ReleaseStanding): readonly string[] =>
    hosts
      .filter(({ facts }) =>
        facts.releases.some((each) => each.id === id && each.standing === standing),
      )
      .map(({ host }) => host.name);
  return {
    id,
    commit: meta.commit,
    deployedAt: meta.deployedAt,
    deployer: meta.deployer,
    current: hosts.filter(({ facts }) => currentOf(facts) === id).map(({ host }) => host.name),
    healthy: holding('healthy'),
    staged: holding('staged'),
    bad: holding('bad'),
    rollback: rollbackTo(id, held),
  };
}

/** Asked of the very function that a rollback asks. */
function rollbackTo(id: string, held: readonly HostReleases[]): ReleaseRow['rollback'] {
  if (held.every(({ current }) => current === id)) return { possible: false, reason: 'is current' };
  try {
    pickRollbackTarget(held, id, false);
    return { possible: true };
  } catch (error) {
    if (error instanceof FleetError) return { possible: false, reason: error.message };
    throw error;
  }
}

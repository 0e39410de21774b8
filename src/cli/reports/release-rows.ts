import type { HostReading, ReadHost } from '../../engine/reading/host-reading.js';
import { FleetError } from '../../errors/fleet-error.js';
import { bytesOf } from '../../host/protocol/backup.js';
import type { HostRelease } from '../../host/protocol/protocol.js';
import { currentOf, heldBy } from '../../host/reply/facts.js';
import type { ReleaseId } from '../../model/names.js';
import {
  type Accounts,
  accountsOf,
  agreedOn,
  agreedOrigin,
} from '../../model/releases/choose/agreement.js';
import { byDeployTime, type HostReleases } from '../../model/releases/choose/known-release.js';
import { pickRollbackTarget } from '../../model/releases/choose/rollback-target.js';
import {
  hasDeployTime,
  type ReleaseMeta,
  type ReleaseStanding,
} from '../../model/releases/release.js';
import type { ReleaseRow } from '../../ui/reports/releases/table.js';

/**
 * Every release of the hosts that were read, newest first. A value on which hosts disagree is left
 * out, unless the bastion's own history has it.
 */
export function releaseRows(
  surveys: readonly HostReading[],
  recorded: readonly ReleaseMeta[] = [],
): readonly ReleaseRow[] {
  const hosts = surveys.filter((survey) => survey.kind === 'read');
  const held = hosts.map(heldBy);
  const accounts = accountsOf(held);
  const newest = new Map<string, HostRelease>();
  for (const { facts } of hosts) for (const known of facts.releases) newest.set(known.id, known);
  return [...newest.values()]
    .toSorted(byDeployTime)
    .reverse()
    .map(({ id }) => rowOf(id, { hosts, held, accounts, recorded }));
}

interface Held {
  readonly hosts: readonly ReadHost[];
  readonly held: readonly HostReleases[];
  readonly accounts: Accounts;
  readonly recorded: readonly ReleaseMeta[];
}

function rowOf(id: ReleaseId, { hosts, held, accounts, recorded }: Held): ReleaseRow {
  const release = agreedOn(accounts, id);
  const there = held.flatMap(({ releases }) => releases.filter((known) => known.id === id));
  const here = recorded.filter((each) => each.id === id && each.digest === release?.digest);
  const origin = agreedOrigin(here) ?? agreedOrigin(there.map(({ meta }) => meta));
  const holding = (standing: ReleaseStanding): readonly string[] =>
    hosts
      .filter(({ facts }) =>
        facts.releases.some((each) => each.id === id && each.standing === standing),
      )
      .map(({ host }) => host.name);
  return {
    id,
    commit: release?.commit ?? null,
    deployedAt: origin === null || !hasDeployTime(origin) ? null : origin.deployedAt,
    deployer: origin?.deployer ?? null,
    current: hosts.filter(({ facts }) => currentOf(facts) === id).map(({ host }) => host.name),
    healthy: holding('healthy'),
    staged: holding('staged'),
    bad: holding('bad'),
    rollback: rollbackTo(id, held),
    bytes: sizeOf(id, hosts),
  };
}

/** As measured on the host that needs most for it, else as recorded when it was sent; null if neither is known. */
function sizeOf(id: ReleaseId, hosts: readonly ReadHost[]): number | null {
  const there = hosts.flatMap(({ facts }) => facts.releases.filter((known) => known.id === id));
  const measured = there.flatMap(({ kib }) => (kib === undefined ? [] : [bytesOf(kib)]));
  const recorded = there.flatMap(({ meta }) => (meta.bytes === undefined ? [] : [meta.bytes]));
  const sizes = measured.length > 0 ? measured : recorded;
  return sizes.length === 0 ? null : sizes.reduce((a, b) => Math.max(a, b));
}

/** By the same function that a rollback uses. */
function rollbackTo(id: string, held: readonly HostReleases[]): ReleaseRow['rollback'] {
  if (held.every(({ current }) => current === id)) return { possible: false, reason: 'is current' };
  try {
    pickRollbackTarget(held, { reference: id, force: false, recorded: [] });
    return { possible: true };
  } catch (error) {
    if (error instanceof FleetError) return { possible: false, reason: error.message };
    throw error;
  }
}

import { listOf } from '../errors/did-you-mean.js';
import { FleetError } from '../errors/fleet-error.js';
import { byDeployTime, type HostReleases, type KnownRelease } from './known-release.js';
import type { HostName, ReleaseId } from './names.js';
import { candidateList, pickByReference } from './pick-release.js';
import type { Release, ReleaseMeta } from './release.js';

/** Where a rollback goes. */
export interface RollbackTarget {
  readonly release: ReleaseMeta;
  /** Hosts on which it is marked bad, or was never healthy on any, and `--force` went over that. */
  readonly forcedOn: readonly HostName[];
}

/**
 * The release to which all hosts go back. With a reference it must be complete on every host, with
 * one digest, proven somewhere and bad nowhere, unless forced. Without one it is the newest that is
 * older than the current release and healthy on every host. Throws `release_unknown`,
 * `release_ambiguous`, `release_bad` or `nothing_to_roll_back_to`, naming hosts and candidates.
 */
export function pickRollbackTarget(
  hosts: readonly HostReleases[],
  reference: string | null,
  force: boolean,
): RollbackTarget {
  return reference === null ? lastHealthy(hosts) : named(hosts, reference, force);
}

function named(hosts: readonly HostReleases[], reference: string, force: boolean): RollbackTarget {
  const { meta, id } = pickByReference(
    everything(hosts).map((known) => ({ ...releaseOf(known), ...known })),
    reference,
  );
  const held = hosts.map((host) => ({ host: host.host, found: completeOn(host, id) }));
  refuseMissing(
    hosts,
    id,
    held.filter(({ found }) => found === null).map(({ host }) => host),
  );
  refuseDifferent(id, held);

  const standsBad = held.filter(({ found }) => found?.standing === 'bad');
  const proven = held.some(({ found }) => found?.standing === 'healthy');
  const doubted = (proven ? standsBad : held).map(({ host }) => host);
  if (doubted.length > 0 && !force) {
    const why =
      standsBad.length > 0
        ? `was taken back before on ${hostList(standsBad.map(({ host }) => host))}`
        : 'has never been healthy on any host';
    throw new FleetError('release_bad', `${id} ${why}`, {
      hint: 'Choose another release, or add --force if you know better.',
      problems: candidateList(goodEverywhere(hosts).map(releaseOf)),
    });
  }
  return { release: meta, forcedOn: doubted };
}

function lastHealthy(hosts: readonly HostReleases[]): RollbackTarget {
  const current = commonCurrent(hosts);
  const currentKnown = everything(hosts).find((known) => known.id === current);
  const older = goodEverywhere(hosts).filter(
    (known) => currentKnown !== undefined && byDeployTime(known, currentKnown) < 0,
  );
  const newest = older.at(-1);
  if (newest !== undefined) return { release: newest.meta, forcedOn: [] };
  throw nothing(`nothing healthy on every host is older than ${current}`, hosts);
}

function commonCurrent(hosts: readonly HostReleases[]): ReleaseId {
  const currents = new Map<ReleaseId | null, HostName[]>();
  for (const { host, current } of hosts) {
    const known = currents.get(current);
    if (known === undefined) currents.set(current, [host]);
    else known.push(host);
  }
  const [only, ...others] = currents.keys();
  if (others.length > 0) {
    const parts = [...currents].map(([id, on]) => `${id ?? 'none'} on ${hostList(on)}`);
    throw nothing(`the hosts have different current releases: ${parts.join('; ')}`, hosts);
  }
  if (only) return only;
  throw nothing('no host has a current release', hosts);
}

function nothing(message: string, hosts: readonly HostReleases[]): FleetError {
  const candidates = goodEverywhere(hosts);
  return new FleetError('nothing_to_roll_back_to', message, {
    hint:
      candidates.length === 0
        ? 'No release is healthy on every host; deploy one instead.'
        : 'Name one of these with --to.',
    problems: candidateList(candidates.map(releaseOf)),
  });
}

function refuseMissing(
  hosts: readonly HostReleases[],
  id: ReleaseId,
  missing: readonly HostName[],
): void {
  if (missing.length === 0) return;
  throw new FleetError('release_unknown', `${id} is not on ${hostList(missing)}`, {
    hint: 'A rollback sends nothing. Choose a release that is on every host, or deploy this one.',
    problems: candidateList(goodEverywhere(hosts).map(releaseOf)),
  });
}

function refuseDifferent(
  id: ReleaseId,
  held: readonly { readonly host: HostName; readonly found: KnownRelease | null }[],
): void {
  const expected = held[0]?.found?.meta.digest;
  const others = held.filter(({ found }) => found?.meta.digest !== expected);
  const [first] = held;
  if (others.length === 0 || first === undefined) return;
  const on = hostList(others.map(({ host }) => host));
  throw new FleetError(
    'release_ambiguous',
    `${id} has other content on ${on} than on ${first.host}`,
    { hint: 'Two releases were given the same id. Deploy the right one under a new id.' },
  );
}

/** Complete and healthy on every host with one digest; oldest first. */
function goodEverywhere(hosts: readonly HostReleases[]): readonly KnownRelease[] {
  const [first, ...others] = hosts;
  const candidates = first?.releases.filter((known) => isGood(known)) ?? [];
  return candidates
    .filter((known) =>
      others.every((host) => {
        const there = completeOn(host, known.id);
        return there !== null && isGood(there) && there.meta.digest === known.meta.digest;
      }),
    )
    .toSorted(byDeployTime);
}

function isGood(known: KnownRelease): boolean {
  return known.complete && known.standing === 'healthy';
}

function completeOn(host: HostReleases, id: ReleaseId): KnownRelease | null {
  return host.releases.find((known) => known.id === id && known.complete) ?? null;
}

/** Every release known anywhere, once, oldest first. */
function everything(hosts: readonly HostReleases[]): readonly KnownRelease[] {
  const known = new Map<ReleaseId, KnownRelease>();
  for (const host of hosts) for (const release of host.releases) known.set(release.id, release);
  return [...known.values()].toSorted(byDeployTime);
}

function releaseOf(known: Pick<KnownRelease, 'id' | 'meta'>): Release {
  const { version, commit, digest } = known.meta;
  return { id: known.id, version, commit, digest };
}

const hostList = (hosts: readonly HostName[]): string => listOf(hosts, 5);

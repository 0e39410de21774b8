import { listOf } from '../errors/did-you-mean.js';
import { FleetError } from '../errors/fleet-error.js';
import {
  accountsOf,
  agreedOn,
  agreedOrigin,
  isSame,
  type Origin,
  refuseDisagreement,
} from './agreement.js';
import { fold } from './fold.js';
import { byDeployTime, type HostReleases, type KnownRelease, orderOf } from './known-release.js';
import type { HostName, ReleaseId } from './names.js';
import { candidateList, matchReference, pickByReference } from './pick-release.js';
import type { Release, ReleaseMeta } from './release.js';

/** What a person wants of a rollback, and what is known beside the hosts' own records. */
export interface RollbackWish {
  /** An id, a commit, a version, or the beginning of one; null for the release before this one. */
  readonly reference: string | null;
  readonly force: boolean;
  /** What this bastion's own history has of the app's releases. */
  readonly recorded: readonly ReleaseMeta[];
}

/** Where a rollback goes. */
export interface RollbackTarget {
  readonly release: Release;
  /** Who deployed it, when and in which run; null where the hosts differ and the bastion does not know. */
  readonly origin: Origin | null;
  /** Hosts on which it is marked bad, or was never healthy on any, and `--force` went over that. */
  readonly forcedOn: readonly HostName[];
}

/**
 * The release to which all hosts go back, on whose content, commit and version every host agrees.
 * With a reference it must be complete on every host, proven somewhere and bad nowhere, unless
 * forced. Without one, each host says what it ran before, and all must say the same. Throws
 * `hosts_disagree`, `release_unknown`, `release_ambiguous`, `release_bad` or
 * `nothing_to_roll_back_to`, naming hosts and candidates.
 */
export function pickRollbackTarget(
  hosts: readonly HostReleases[],
  wish: RollbackWish,
): RollbackTarget {
  const { reference } = wish;
  return reference === null
    ? { ...describe(hosts, releaseBefore(hosts, wish.recorded), wish), forcedOn: [] }
    : named(hosts, reference, wish);
}

function named(
  hosts: readonly HostReleases[],
  reference: string,
  wish: RollbackWish,
): RollbackTarget {
  const id = resolve(hosts, reference);
  const held = hosts.map((host) => ({ host: host.host, found: completeOn(host, id) }));
  refuseMissing(
    hosts,
    id,
    held.filter(({ found }) => found === null).map(({ host }) => host),
  );
  const standsBad = held.filter(({ found }) => found?.standing === 'bad');
  const proven = held.some(({ found }) => found?.standing === 'healthy');
  const doubted = (proven ? standsBad : held).map(({ host }) => host);
  if (doubted.length > 0 && !wish.force) {
    const why =
      standsBad.length > 0
        ? `was taken back before on ${hostList(standsBad.map(({ host }) => host))}`
        : 'has never been healthy on any host';
    throw new FleetError('release_bad', `${id} ${why}`, {
      hint: 'Choose another release, or add --force if you know better.',
      problems: candidateList(goodEverywhere(hosts)),
    });
  }
  return { ...describe(hosts, id, wish), forcedOn: doubted };
}

/** The release that a person means. Nothing is chosen by what one host says and another does not. */
function resolve(hosts: readonly HostReleases[], reference: string): ReleaseId {
  const accounts = accountsOf(hosts);
  const said = [...accounts.values()].flat().map(({ release }) => release);
  const sorted = said.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  for (const { id } of matchReference(sorted, reference)) refuseDisagreement(accounts, id);
  return pickByReference(sorted, reference).id;
}

/** The release as all hosts describe it, and where it comes from. */
function describe(
  hosts: readonly HostReleases[],
  id: ReleaseId,
  { recorded }: RollbackWish,
): Omit<RollbackTarget, 'forcedOn'> {
  const accounts = accountsOf(hosts);
  refuseDisagreement(accounts, id);
  const release = agreedOn(accounts, id);
  if (release === null) throw new Error(`no host knows ${id}`);
  const here = recorded.filter((each) => each.id === id && isSame(each, release));
  const there = hosts.flatMap(({ releases }) => releases.filter((known) => known.id === id));
  const origin = agreedOrigin(here) ?? agreedOrigin(there.map(({ meta }) => meta));
  return { release, origin };
}

/** What every host says, by its own record, that it ran before its current release. */
function releaseBefore(
  hosts: readonly HostReleases[],
  recorded: readonly ReleaseMeta[],
): ReleaseId {
  const current = commonCurrent(hosts);
  const answers = hosts.map((host) => ({ host: host.host, before: beforeOn(host, recorded) }));
  const [first] = answers;
  if (answers.every(({ before }) => before === first?.before)) {
    if (first?.before) return first.before;
    throw nothing(`nothing healthy on every host is older than ${current}`, hosts);
  }
  const parts = fold(answers, ({ before }) => before ?? '')
    .toSorted((a, b) => a.length - b.length)
    .map((same) => `${same[0].before ?? 'none'} on ${hostList(same.map(({ host }) => host))}`);
  throw nothing(
    `the hosts do not agree on what they ran before ${current}: ${parts.join('; ')}`,
    hosts,
  );
}

/** The newest release of a host that is complete, healthy, and older than its current one. */
function beforeOn(host: HostReleases, recorded: readonly ReleaseMeta[]): ReleaseId | null {
  const current = host.releases.find(({ id }) => id === host.current);
  if (current === undefined) return null;
  const order = orderOf(recorded, [current, ...host.releases.filter(isGood)]);
  const older = host.releases.filter((known) => isGood(known) && order(known, current) < 0);
  return older.toSorted(order).at(-1)?.id ?? null;
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
    problems: candidateList(candidates),
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
    problems: candidateList(goodEverywhere(hosts)),
  });
}

/** Complete and healthy on every host, which all describe it alike; oldest first. */
function goodEverywhere(hosts: readonly HostReleases[]): readonly Release[] {
  const accounts = accountsOf(hosts);
  const [first] = hosts;
  const candidates = first?.releases.filter(isGood).toSorted(byDeployTime) ?? [];
  return candidates.flatMap(({ id }) => {
    const everywhere = hosts.every((host) =>
      host.releases.some((known) => known.id === id && isGood(known)),
    );
    const release = agreedOn(accounts, id);
    return everywhere && release !== null ? [release] : [];
  });
}

function isGood(known: KnownRelease): boolean {
  return known.complete && known.standing === 'healthy' && known.meta.id === known.id;
}

function completeOn(host: HostReleases, id: ReleaseId): KnownRelease | null {
  const whole = host.releases.find((known) => known.id === id && known.complete);
  return whole?.meta.id === id ? whole : null;
}

const hostList = (hosts: readonly HostName[]): string => listOf(hosts, 5);

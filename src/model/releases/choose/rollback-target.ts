import { listOf } from '../../../errors/did-you-mean.js';
import { FleetError } from '../../../errors/fleet-error.js';
import type { HostName, ReleaseId } from '../../names.js';
import type { Release, ReleaseMeta } from '../release.js';
import {
  accountsOf,
  agreedOn,
  agreedOrigin,
  isSame,
  type Origin,
  refuseDisagreement,
} from './agreement.js';
import { byDeployTime, type HostReleases, type KnownRelease } from './known-release.js';
import { candidateList, matchReference } from './pick-release.js';
import { agreeOnBefore, type Before, beforeOn, isGood, partsText } from './release-before.js';
import { flagsOf, type Retype } from './retype.js';
import { soleMeaning } from './sole-meaning.js';

/** The operator's rollback request, and what is known besides the hosts' own records. */
export interface RollbackRequest {
  /** An id, a commit, a version, or a prefix of one; null for the release before this one. */
  readonly reference: string | null;
  readonly force: boolean;
  /** The releases of the app in this bastion's own history. */
  readonly recorded: readonly ReleaseMeta[];
  /** The typed command, for the hints of a refusal; without it hints have only the flags. */
  readonly retype?: Retype | undefined;
}

/** The target of a rollback. */
export interface RollbackTarget {
  readonly release: Release;
  /** Who deployed it, when and in which run; null if the hosts differ and the bastion does not know. */
  readonly origin: Origin | null;
  /** Hosts that marked it bad, or all if it was never healthy on any; `--force` overrode that. */
  readonly forcedOn: readonly HostName[];
}

/**
 * The release to which all hosts roll back, on whose content, commit and version every host agrees. With a reference it
 * must be complete on every host, healthy on some and bad on none, unless forced. Without one, each host tells what
 * it ran before, and all must agree. Throws `hosts_disagree`, `release_unknown`, `release_ambiguous`, `release_bad`
 * or `nothing_to_roll_back_to`, naming hosts, candidates and the command that works.
 */
export function pickRollbackTarget(
  hosts: readonly HostReleases[],
  wish: RollbackRequest,
): RollbackTarget {
  const { reference } = wish;
  return reference === null
    ? { ...describe(hosts, releaseBefore(hosts, wish), wish), forcedOn: [] }
    : named(hosts, reference, wish);
}

function named(
  hosts: readonly HostReleases[],
  reference: string,
  wish: RollbackRequest,
): RollbackTarget {
  const id = resolve(hosts, reference);
  const held = hosts.map((host) => ({ host: host.host, found: completeOn(host, id) }));
  refuseMissing(hosts, id, wish);
  const standsBad = held.filter(({ found }) => found?.standing === 'bad');
  const proven = held.some(({ found }) => found?.standing === 'healthy');
  const doubted = (proven ? standsBad : held).map(({ host }) => host);
  if (doubted.length > 0 && !wish.force) {
    const why =
      standsBad.length > 0
        ? `was found bad on ${hostList(standsBad.map(({ host }) => host))}`
        : 'has never been healthy on any host';
    throw new FleetError('release_bad', `${id} ${why}`, {
      hint: 'Choose another release, or add --force if you know better.',
      problems: candidateList(goodEverywhere(hosts)),
    });
  }
  return { ...describe(hosts, id, wish), forcedOn: doubted };
}

/** The release that the operator means. Nothing is chosen on the word of one host against another. */
function resolve(hosts: readonly HostReleases[], reference: string): ReleaseId {
  const accounts = accountsOf(hosts);
  const said = [...accounts.values()].flat().map(({ release }) => release);
  const sorted = said.toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  const found = matchReference(sorted, reference);
  for (const { id } of found) refuseDisagreement(accounts, id);
  return soleMeaning(hosts, found, reference).id;
}

/** The release as all hosts describe it, and its origin. */
function describe(
  hosts: readonly HostReleases[],
  id: ReleaseId,
  { recorded }: RollbackRequest,
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

/** What every host, by its own record, ran before its current release. */
function releaseBefore(hosts: readonly HostReleases[], wish: RollbackRequest): ReleaseId {
  const answers = hosts.map(
    (host): Before => ({
      host: host.host,
      current: host.current,
      before: beforeOn(host, wish.recorded),
    }),
  );
  const verdict = agreeOnBefore(answers);
  switch (verdict.kind) {
    case 'agreed':
      refuseMissing(hosts, verdict.release, wish);
      return verdict.release;
    case 'nothing':
      throw nothingBefore(hosts, verdict, wish);
    case 'split': {
      const before = `before${currentText(hosts)}`;
      const message = `the hosts do not agree on what they ran ${before}: ${partsText(verdict.parts)}`;
      throw nothing(message, hosts, {
        commands: verdict.parts
          .filter(([{ before }]) => before !== null)
          .map((same) => retype(wish)({ only: same.map(({ host }) => host) })),
      });
    }
  }
}

function nothingBefore(
  hosts: readonly HostReleases[],
  {
    hosts: lost,
    others,
  }: { readonly hosts: readonly HostName[]; readonly others: ReleaseId | null },
  wish: RollbackRequest,
): FleetError {
  const message = lost.length === hosts.length ? nothingAnywhere(hosts) : nothingOn(hosts, lost);
  const them = lost.length === 1 ? 'it' : 'them';
  const without = others === null ? [] : [`without ${them}: ${retype(wish)({ without: lost })}`];
  return nothing(message, hosts, { commands: without });
}

/** ` r3` if that is current on all of them. */
function currentText(hosts: readonly HostReleases[]): string {
  const [only, ...others] = new Set(hosts.map(({ current }) => current));
  return only == null || others.length > 0 ? '' : ` ${only}`;
}

function nothingAnywhere(hosts: readonly HostReleases[]): string {
  const currents = [...new Set(hosts.map(({ current }) => current))];
  const named = currents.filter((current) => current !== null);
  if (named.length === 0) return 'no host has a current release';
  return `no host ran anything healthy before ${named.join(', ')}`;
}

function nothingOn(hosts: readonly HostReleases[], lost: readonly HostName[]): string {
  const isNew = hosts.every(({ host, current }) => !lost.includes(host) || current === null);
  return `${hostList(lost)} ${isNew ? 'never ran a release' : 'ran nothing healthy before'}, so there is nothing to roll back to there`;
}

function nothing(
  message: string,
  hosts: readonly HostReleases[],
  { commands }: { readonly commands: readonly string[] },
): FleetError {
  const candidates = goodEverywhere(hosts);
  const named = candidates.length === 0 ? [] : ['name one of these with --to'];
  const ways = [...commands, ...named].join('; or: ');
  return new FleetError('nothing_to_roll_back_to', message, {
    hint: ways === '' ? 'No release is healthy on every host; deploy one instead.' : ways,
    problems: candidateList(candidates),
  });
}

function refuseMissing(hosts: readonly HostReleases[], id: ReleaseId, wish: RollbackRequest): void {
  const missing = hosts.filter((host) => completeOn(host, id) === null).map(({ host }) => host);
  if (missing.length === 0) return;
  const remedy = 'choose a release that is on every host, or deploy this one';
  const without =
    missing.length < hosts.length ? `without them: ${retype(wish)({ without: missing })}; or ` : '';
  throw new FleetError('release_unknown', `${id} is not on ${hostList(missing)}`, {
    hint: `A rollback sends nothing. ${without}${remedy}`,
    problems: candidateList(goodEverywhere(hosts)),
  });
}

/** Complete and healthy on every host, described alike by all, and not current; oldest first. */
function goodEverywhere(hosts: readonly HostReleases[]): readonly Release[] {
  const accounts = accountsOf(hosts);
  const [first] = hosts;
  const candidates = first?.releases.filter(isGood).toSorted(byDeployTime) ?? [];
  return candidates.flatMap(({ id }) => {
    const everywhere = hosts.every((host) =>
      host.releases.some((known) => known.id === id && isGood(known)),
    );
    const isThere = hosts.every(({ current }) => current === id);
    const release = agreedOn(accounts, id);
    return everywhere && !isThere && release !== null ? [release] : [];
  });
}

function completeOn(host: HostReleases, id: ReleaseId): KnownRelease | null {
  const whole = host.releases.find((known) => known.id === id && known.complete);
  return whole?.meta.id === id ? whole : null;
}

const retype = (wish: RollbackRequest): Retype => wish.retype ?? flagsOf;

const hostList = (hosts: readonly HostName[]): string => listOf(hosts, 5);

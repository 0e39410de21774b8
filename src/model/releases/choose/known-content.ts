import type { ReleaseId } from '../../names.js';
import type { Release } from '../release.js';
import { type Accounts, accountsOf, agreedOn, isSame } from './agreement.js';
import type { HostReleases } from './known-release.js';

/** What shows whether content has an id already. */
export interface ContentQuestion {
  readonly hosts: readonly HostReleases[];
  /** The releases of the app in this bastion's own history. */
  readonly recorded: readonly Release[];
  /** The one id that the operator asked for; null for any. */
  readonly wanted: ReleaseId | null;
}

/**
 * The newest release on the hosts with the content and commit of `made`, unless it was ever bad. One host alone does not
 * choose the id for the others: either every host with the content has it under that id, and they are several or all
 * there are, or the bastion's own history agrees.
 */
export function knownContent(made: Release, question: ContentQuestion): Release | null {
  const { hosts, recorded, wanted } = question;
  const accounts = accountsOf(hosts);
  const same = [...accounts.keys()].flatMap((id): readonly Release[] => {
    const release = agreedOn(accounts, id);
    const fits = release?.digest === made.digest && release.commit === made.commit;
    return fits && (wanted === null || id === wanted) ? [release] : [];
  });
  const usable = same.filter((release) => {
    const isRecorded = recorded.some((each) => each.id === release.id && isSame(each, release));
    const isHeld = hosts.some((host) => has(host, release.id));
    if (!isHeld || (wanted === null && wasBad(hosts, release.id))) return false;
    return isRecorded || isHeldByAll(hosts, release);
  });
  return usable.toSorted((a, b) => (a.id < b.id ? 1 : -1))[0] ?? null;
}

/** Ids that some host claims for the content, but on which the hosts disagree. */
export function doubtedIds(made: Release, accounts: Accounts): readonly ReleaseId[] {
  return [...accounts]
    .filter(
      ([, said]) => said.length > 1 && said.some(({ release }) => release.digest === made.digest),
    )
    .map(([id]) => id);
}

function isHeldByAll(hosts: readonly HostReleases[], { id, digest }: Release): boolean {
  const holders = hosts.filter(({ releases }) =>
    releases.some(({ complete, meta }) => complete && meta.digest === digest),
  );
  const several = holders.length > 1 || hosts.length === 1;
  return several && holders.every((host) => has(host, id));
}

function has({ releases }: HostReleases, id: ReleaseId): boolean {
  return releases.some((known) => known.id === id && known.complete);
}

function wasBad(hosts: readonly HostReleases[], id: ReleaseId): boolean {
  return hosts.some(({ releases }) =>
    releases.some((known) => known.id === id && known.standing === 'bad'),
  );
}

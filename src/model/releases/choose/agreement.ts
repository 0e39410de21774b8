import { listOf } from '../../../errors/did-you-mean.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { printableLine } from '../../../errors/printable.js';
import type { HostName, ReleaseId } from '../../names.js';
import type { Release, ReleaseMeta } from '../release.js';
import type { HostReleases } from './known-release.js';

/** What some hosts say about a release. */
export interface Account {
  readonly release: Release;
  readonly hosts: readonly HostName[];
}

/** All that was said of each release: one account if every host with a record of it agrees. */
export type Accounts = ReadonlyMap<ReleaseId, readonly Account[]>;

/**
 * Compares what hosts say about each release. One of them may be wrong, or lie: a release on which they disagree must
 * not be chosen because of one host's word.
 */
export function accountsOf(hosts: readonly Pick<HostReleases, 'host' | 'releases'>[]): Accounts {
  const accounts = new Map<ReleaseId, { release: Release; hosts: HostName[] }[]>();
  for (const { host, releases } of hosts) {
    for (const { id, meta } of releases) {
      const said: Release = { id, ...identityOf(meta) };
      const known = accounts.get(id) ?? [];
      accounts.set(id, known);
      const same = known.find(({ release }) => isSame(release, said));
      if (same === undefined) known.push({ release: said, hosts: [host] });
      else if (!same.hosts.includes(host)) same.hosts.push(host);
    }
  }
  return accounts;
}

/** Whether two descriptions have the same content, commit and version; ids are not compared. */
export function isSame(a: Omit<Release, 'id'>, b: Omit<Release, 'id'>): boolean {
  return NAMING.every((field) => a[field] === b[field]);
}

/** The release with that id as every host that knows it describes it; null if they differ. */
export function agreedOn(accounts: Accounts, id: ReleaseId): Release | null {
  const [only, ...others] = accounts.get(id) ?? [];
  return others.length > 0 ? null : (only?.release ?? null);
}

/** Throws `hosts_disagree`, naming who says what, if hosts describe that release differently. */
export function refuseDisagreement(accounts: Accounts, id: ReleaseId): void {
  const difference = differenceText(accounts, id);
  if (difference === null) return;
  throw new FleetError('hosts_disagree', `the hosts do not agree on what ${id} is: ${difference}`, {
    hint: `one of them is wrong, or was tampered with: look at .fleet/releases/${id} there, or leave that host out with -l '!HOST'`,
  });
}

/** Who says what about a release, the smallest group first; null if all agree. */
export function differenceText(accounts: Accounts, id: ReleaseId): string | null {
  const said = accounts.get(id) ?? [];
  const field = NAMING.find((each) => new Set(said.map(({ release }) => release[each])).size > 1);
  if (field === undefined) return null;
  const hostsBy = new Map<string | null, HostName[]>();
  for (const { release, hosts } of said) {
    hostsBy.set(release[field], [...(hostsBy.get(release[field]) ?? []), ...hosts]);
  }
  return [...hostsBy]
    .toSorted(([, a], [, b]) => a.length - b.length)
    .map(([value, hosts]) => `${FIELD_TEXT[field]} ${shortText(value)} on ${listOf(hosts, 5)}`)
    .join('; ');
}

/** Who first deployed a release, when, and in which run. */
export type Origin = Pick<ReleaseMeta, 'run' | 'deployer' | 'deployedAt'>;

/** The origin that all of these records name; null if they differ, or there are none. */
export function agreedOrigin(records: readonly ReleaseMeta[]): Origin | null {
  const [first, ...others] = records;
  if (first === undefined) return null;
  const { run, deployer, deployedAt } = first;
  const same = others.every(
    (each) => each.run === run && each.deployer === deployer && each.deployedAt === deployedAt,
  );
  return same ? { run, deployer, deployedAt } : null;
}

const NAMING = ['digest', 'commit', 'version'] as const;

const FIELD_TEXT = { digest: 'content', commit: 'commit', version: 'version' } as const;

const identityOf = ({ digest, commit, version }: ReleaseMeta): Omit<Release, 'id'> => ({
  digest,
  commit,
  version,
});

const shortText = (value: string | null): string =>
  value === null ? 'none' : printableLine(value.replace(/^sha256:/, '')).slice(0, 12);

import type { HostName, ReleaseId } from '../../names.js';
import type { ReleaseMeta, ReleaseStanding } from '../release.js';
import type { Earlier } from './earlier.js';

/** A release as one host knows it. */
export interface KnownRelease {
  readonly id: ReleaseId;
  readonly standing: ReleaseStanding;
  /** False for a record without its folder. */
  readonly complete: boolean;
  readonly meta: ReleaseMeta;
}

/** What one host has, to choose from. */
export interface HostReleases {
  readonly host: HostName;
  readonly current: ReleaseId | null;
  readonly releases: readonly KnownRelease[];
  /** What it ran before its current release. */
  readonly earlier: Earlier;
}

/** Oldest first: by the time of the deploy in the host's record, then by id; never by file times. */
export function byDeployTime(a: KnownRelease, b: KnownRelease): number {
  return inOrder(a, b, (known) => timeOf(known.meta.deployedAt));
}

/**
 * The order of a host's releases. If the bastion's own history has all of them with the same content, its order is
 * used; the host's dates count only otherwise.
 */
export function orderOf(
  recorded: readonly ReleaseMeta[],
  releases: readonly KnownRelease[],
): (a: KnownRelease, b: KnownRelease) => number {
  const times = new Map(recorded.map((each) => [keyOf(each), timeOf(each.deployedAt)]));
  if (!releases.every(({ id, meta }) => times.has(keyOf({ ...meta, id })))) return byDeployTime;
  return (a, b) => inOrder(a, b, ({ id, meta }) => times.get(keyOf({ ...meta, id })) ?? 0);
}

const keyOf = ({ id, digest }: Pick<ReleaseMeta, 'id' | 'digest'>): string => `${id} ${digest}`;

function inOrder(a: KnownRelease, b: KnownRelease, time: (known: KnownRelease) => number): number {
  const apart = time(a) - time(b);
  if (apart !== 0) return apart;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** An unreadable time counts as the oldest, so that it is never preferred. */
function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 0 : time;
}

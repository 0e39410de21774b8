import type { HostName, ReleaseId } from './names.js';
import type { ReleaseMeta, ReleaseStanding } from './release.js';

/** A release as one host knows it. */
export interface KnownRelease {
  readonly id: ReleaseId;
  readonly standing: ReleaseStanding;
  /** False for a record without its folder. */
  readonly complete: boolean;
  readonly meta: ReleaseMeta;
}

/** What one host holds, for choosing among it. */
export interface HostReleases {
  readonly host: HostName;
  readonly current: ReleaseId | null;
  readonly releases: readonly KnownRelease[];
}

/** Oldest first: by the time of the deploy as the bastion noted it, then by id; never by file times. */
export function byDeployTime(a: KnownRelease, b: KnownRelease): number {
  const apart = deployTime(a) - deployTime(b);
  if (apart !== 0) return apart;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** A time that can not be read counts as the oldest, so that it is never preferred. */
function deployTime(release: KnownRelease): number {
  const time = Date.parse(release.meta.deployedAt);
  return Number.isNaN(time) ? 0 : time;
}

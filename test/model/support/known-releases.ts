import { asHostName, asReleaseId, asRunId } from '../../../src/model/names.js';
import { type Earlier, UNKNOWN } from '../../../src/model/releases/choose/earlier.js';
import type {
  HostReleases,
  KnownRelease,
} from '../../../src/model/releases/choose/known-release.js';
import type { ReleaseStanding } from '../../../src/model/releases/release.js';

interface Variant {
  readonly standing?: ReleaseStanding;
  readonly complete?: boolean;
  readonly commit?: string | null;
  readonly version?: string;
  readonly digest?: string;
}

/** A release deployed on the given day of November; `id` is also its version. */
export function known(id: string, day: number, variant: Variant = {}): KnownRelease {
  const { standing = 'healthy', complete = true, commit = null, version = id } = variant;
  const digest = variant.digest ?? `sha256:${'0'.repeat(60)}${String(day).padStart(4, '0')}`;
  const deployedAt = `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`;
  const release = { id: asReleaseId(id), version, commit, digest };
  const made = { app: 'shop', run: asRunId(`run-${day}`), deployer: 'ana@bastion', deployedAt };
  return { id: release.id, standing, complete, meta: { ...release, ...made } };
}

export function holding(
  host: string,
  current: string | null,
  releases: readonly KnownRelease[],
  earlier: Earlier = UNKNOWN,
): HostReleases {
  const id = current === null ? null : asReleaseId(current);
  return { host: asHostName(host), current: id, releases, earlier };
}

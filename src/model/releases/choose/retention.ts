import type { ReleaseId } from '../../names.js';
import { byDeployTime, type KnownRelease } from './known-release.js';

export interface RetentionOptions {
  /** How many healthy releases stay; also how many newer failed ones stay as evidence. */
  readonly keep: number;
  /** Healthy releases that were deployed less than this before `now` stay too. */
  readonly keepForMs?: number | undefined;
  readonly now?: Date | undefined;
  /** `current`, and the `from` and `to` of the last run: never removed. */
  readonly protectedIds: readonly ReleaseId[];
}

/**
 * The releases of one host to delete, oldest first: those that neither their number nor their age keeps. Only healthy ones count for `keep`. A failed or never activated one is
 * deleted once it is older than every healthy one that stays.
 */
export function releasesToPrune(
  releases: readonly KnownRelease[],
  options: RetentionOptions,
): readonly ReleaseId[] {
  const sorted = releases.toSorted(byDeployTime);
  const healthy = sorted.filter((known) => known.complete && known.standing === 'healthy');
  const keptHealthy = healthy.slice(Math.max(0, healthy.length - options.keep));
  const [oldest] = keptHealthy;

  const evidence = sorted.filter(
    (known) =>
      known.complete &&
      known.standing !== 'healthy' &&
      (oldest === undefined || byDeployTime(known, oldest) > 0),
  );
  const keptEvidence = evidence.slice(Math.max(0, evidence.length - options.keep));

  const young = healthy.filter(isYounger(options));
  const kept = new Set<ReleaseId>(options.protectedIds);
  for (const known of [...keptHealthy, ...young, ...keptEvidence]) kept.add(known.id);
  return sorted.map((known) => known.id).filter((id) => !kept.has(id));
}

/** A time that cannot be read, or that is yet to come, keeps its release: nothing is deleted by a wrong clock. */
function isYounger({ keepForMs, now }: RetentionOptions): (known: KnownRelease) => boolean {
  if (keepForMs === undefined || now === undefined) return () => false;
  const oldest = now.getTime() - keepForMs;
  return ({ meta }) => !(Date.parse(meta.deployedAt) < oldest);
}

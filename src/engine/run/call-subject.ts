import type { PreparedRelease } from '../../artifact/prepare.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';

/** What a call is about: a host of a plan, and what was packed for it (null if it needs nothing). */
export interface CallSubject {
  readonly plan: Plan;
  readonly host: HostPlan;
  /** Whole, or what goes beyond the base of the host's delta. */
  readonly archive: PackedRelease | null;
}

/** What a host needs to know of a packed release before the upload. */
export type PackedRelease = Pick<
  PreparedRelease,
  'sha256' | 'bytes' | 'unpackedBytes' | 'format' | 'packedManifest'
>;

import type { PreparedRelease } from '../../../artifact/prepare.js';
import type { PartialUpload } from '../../../host/protocol/partial-upload.js';
import type { HostPlan, Plan } from '../../../model/runs/plan.js';
import type { ArtifactName, PullArgs } from './host-call.js';

/** What a call is about: a host of a plan, and what was packed for it (null if it needs nothing). */
export interface CallSubject {
  readonly plan: Plan;
  readonly host: HostPlan;
  /** Whole, or what goes beyond the base of the host's delta. */
  readonly archive: PackedRelease | null;
  /** What the host has of uploads that were interrupted; absent if it was not asked. */
  readonly partial?: readonly PartialUpload[] | undefined;
  /** Set if the host fetches the release itself, and from what archive. */
  readonly pulled?: { readonly archive: ArtifactName; readonly args: PullArgs } | undefined;
}

/** What a host needs to know of a packed release before the upload. */
export type PackedRelease = Pick<
  PreparedRelease,
  'sha256' | 'bytes' | 'unpackedBytes' | 'format' | 'packedManifest'
>;

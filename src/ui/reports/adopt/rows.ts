import type { HostFailure } from '../../../errors/host-failure.js';
import type { SharesCompared } from '../../../model/adopt/compare-shares.js';
import type { Tool } from '../../../model/adopt/tool.js';
import type { ReleaseStanding } from '../../../model/releases/release.js';

export const ADOPT_STATES = [
  'planned',
  'adopted',
  'unchanged',
  'refused',
  'unreachable',
  'failed',
] as const;

/** A release of another tool on one host. */
export interface AdoptReleaseRow {
  readonly id: string;
  /** The name of its folder. */
  readonly name: string;
  readonly commit: string | null;
  /** RFC 3339; null if not known. */
  readonly deployedAt: string | null;
  /** By the log of its tool. */
  readonly deployer: string | null;
  readonly state: ReleaseStanding;
  readonly current: boolean;
  /** fleet has it in its records already. */
  readonly known: boolean;
  /** Null in a dry run, for what is known already, and for what could not be listed. */
  readonly digest: string | null;
}

/** What adopting one host did, or would do. */
export interface AdoptRow {
  readonly host: string;
  readonly state: (typeof ADOPT_STATES)[number];
  readonly tool: Tool | null;
  /** `current` becomes, or became, a relative link. */
  readonly relink: boolean;
  /** Oldest first. */
  readonly releases: readonly AdoptReleaseRow[];
  readonly left: readonly { readonly name: string; readonly reason: string }[];
  readonly error: HostFailure | null;
}

export interface AdoptReport {
  readonly app: string;
  readonly group: string;
  readonly dryRun: boolean;
  readonly hosts: readonly AdoptRow[];
  readonly shared: SharesCompared;
  /** Releases whose content is not the same on all hosts. */
  readonly differing: readonly string[];
}

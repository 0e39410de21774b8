import type { App } from './app.js';
import type { HostCondition } from './condition.js';
import type { DeadMan } from './dead-man.js';
import type { Earlier } from './earlier.js';
import type { Host } from './host.js';
import type { HostName, ReleaseId, RunId } from './names.js';
import type { ReleaseMeta } from './release.js';

export const RUN_KINDS = ['deploy', 'rollback'] as const;

export type RunKind = (typeof RUN_KINDS)[number];

/** A `current` that fleet did not make: the text of its link in one safe line, and where that leads. */
export interface FoundLink {
  readonly target: string;
  /** `unknown` if the login user may not look. */
  readonly leads: 'somewhere' | 'nowhere' | 'unknown';
}

/** What the run will do with one host. */
export interface HostPlan {
  readonly host: Host;
  readonly machineId: string;
  /**
   * Fences older runs on this host: one more than the host's last epoch. Each host counts for itself, so that its word
   * does not affect other hosts.
   */
  readonly epoch: number;
  /** The name of its transaction, unique on this host: its epoch only grows. */
  readonly txn: string;
  /** The release that is current now, to which the host is rolled back; null on a first deploy. */
  readonly from: ReleaseId | null;
  /** What `current` is there, if fleet did not make it. */
  readonly found?: FoundLink | undefined;
  readonly to: ReleaseId;
  /** True if the release must be sent; false if it is there with the right digest. */
  readonly upload: boolean;
  /** Its condition before the run: only on a serving host an activation costs budget. */
  readonly condition: HostCondition;
  /** What it ran before `from`, by its own records; the host keeps it, for a rollback. */
  readonly earlier: Earlier;
  /** How its dead-man timer waits. */
  readonly deadMan: DeadMan;
  /** Whether a boot guard rolls it back if it goes down during activation. */
  readonly guard: boolean;
  /** Releases beyond `keep`, deleted there after the run succeeded; the host keeps those in use. */
  readonly prune: readonly ReleaseId[];
  /** Wave index, from 0. */
  readonly wave: number;
  /** True if an earlier controller of this run has confirmed it already; it is only probed. */
  readonly done: boolean;
}

/** A host left out of the run, and why. */
export interface SkippedHost {
  readonly host: Host;
  readonly reason: string;
}

/** The fixed intent of a run. Nothing in it changes after it was shown. */
export interface Plan {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly app: App;
  /** What the operator typed after `-g`, joined by commas. */
  readonly group: string;
  /** The release of the deploy or rollback, with who first deployed it and when. */
  readonly release: ReleaseMeta;
  /** `user@bastion` of the operator. */
  readonly operator: string;
  readonly createdAt: string;
  /** In plan order: wave by wave, inventory order within. */
  readonly hosts: readonly HostPlan[];
  readonly waves: readonly (readonly HostName[])[];
  /** Waves, from 0, that begin only after an approval. */
  readonly approvals: readonly number[];
  readonly skipped: readonly SkippedHost[];
  /** Hosts on `to` that are idle and healthy already; nothing is done there. */
  readonly unchanged: readonly HostName[];
  /**
   * The target of `fleet rollback` once this run has succeeded, found as that command finds it; null if it would refuse.
   */
  readonly backTo: ReleaseId | null;
  /** Upload size of the packed release in bytes; 0 where nothing is sent. */
  readonly uploadBytes: number;
  /** The policy's sizes, calculated for all hosts of the selection. */
  readonly limits: {
    readonly maxUnavailable: number;
    readonly tolerateWave: readonly number[];
    readonly tolerateRun: number;
  };
}

/** All hosts of the selection: to be updated, up to date already, or skipped. */
export function sizeOfSelection({ hosts, unchanged, skipped }: Plan): number {
  return hosts.length + unchanged.length + skipped.length;
}

/** The transaction of the host at that place of the plan, counted from 0. */
export function txnOf(run: RunId, epoch: number, index: number): string {
  return `${run}.${epoch}.${index}`;
}

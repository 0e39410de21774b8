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
  /** `unknown` where the login user may not look. */
  readonly leads: 'somewhere' | 'nowhere' | 'unknown';
}

/** What one host will go through. */
export interface HostPlan {
  readonly host: Host;
  readonly machineId: string;
  /**
   * Fences older runs on this host: one more than the epoch that the host had. Each host counts for
   * itself, so that what one says of its epoch is no other host's.
   */
  readonly epoch: number;
  /** The name of its transaction, unique on this host: its epoch only grows. */
  readonly txn: string;
  /** The release that serves now, and to which the host is taken back; null on a first deploy. */
  readonly from: ReleaseId | null;
  /** What `current` is there, where fleet did not make it. */
  readonly found?: FoundLink | undefined;
  readonly to: ReleaseId;
  /** True where the release must be sent; false where it is there with the right digest. */
  readonly upload: boolean;
  /** What it was to the service before the run: only of a serving host does a switch cost budget. */
  readonly condition: HostCondition;
  /** What it ran before `from`, by its own records; the host keeps it, for a rollback. */
  readonly earlier: Earlier;
  /** How its dead-man's switch waits. */
  readonly deadMan: DeadMan;
  /** Whether a unit takes it back at boot, should it go down in the middle. */
  readonly guard: boolean;
  /** Releases beyond `keep`, deleted there after the run succeeded; the host guards what is in use. */
  readonly prune: readonly ReleaseId[];
  /** Wave index, from 0. */
  readonly wave: number;
  /** True where an earlier controller of this run has confirmed it already; it is only probed. */
  readonly done: boolean;
}

/** A host left out of the run, and why. */
export interface SkippedHost {
  readonly host: Host;
  readonly reason: string;
}

/** The frozen intent of a run. Nothing in it changes after it was shown. */
export interface Plan {
  readonly run: RunId;
  readonly kind: RunKind;
  readonly app: App;
  /** What the person typed after `-g`, joined by commas. */
  readonly group: string;
  /** What is deployed or gone back to, with who first deployed it and when. */
  readonly release: ReleaseMeta;
  /** `user@bastion` of the person. */
  readonly operator: string;
  readonly createdAt: string;
  /** In plan order: wave by wave, inventory order within. */
  readonly hosts: readonly HostPlan[];
  readonly waves: readonly (readonly HostName[])[];
  /** Waves, from 0, that begin only when a person has agreed. */
  readonly approvals: readonly number[];
  readonly skipped: readonly SkippedHost[];
  /** Hosts that are idle on `to` with the unit healthy already; nothing is done there. */
  readonly unchanged: readonly HostName[];
  /**
   * Where `fleet rollback` goes once this run has succeeded, found as that command finds it; null where
   * it would refuse.
   */
  readonly backTo: ReleaseId | null;
  /** Upload size of the packed release in bytes; 0 where nothing is sent. */
  readonly uploadBytes: number;
  /** The policy's sizes, worked out for all hosts of the selection. */
  readonly limits: {
    readonly maxUnavailable: number;
    readonly tolerateWave: readonly number[];
    readonly tolerateRun: number;
  };
}

/** All hosts that the selection has: to be worked on, up to date already, or skipped. */
export function sizeOfSelection({ hosts, unchanged, skipped }: Plan): number {
  return hosts.length + unchanged.length + skipped.length;
}

/** The transaction of the host at that place of the plan, counted from 0. */
export function txnOf(run: RunId, epoch: number, index: number): string {
  return `${run}.${epoch}.${index}`;
}

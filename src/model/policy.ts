import type { DeadManPolicy } from './dead-man.js';

/** A number of hosts: a count, or a percentage of the run's hosts (an integer, 0 to 100). */
export type Size =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** The size of one wave; `rest` takes all remaining hosts. */
export type WaveSize = Size | { readonly kind: 'rest' };

/** How the run is cut into waves. */
export type WavePolicy =
  | {
      readonly kind: 'sizes';
      readonly sizes: readonly WaveSize[];
      /** How many sizes come before each approval. */
      readonly approvals?: readonly number[] | undefined;
    }
  /** `canary` hosts for each value of the label `per`, then the rest in one wave. */
  | { readonly kind: 'spread'; readonly canary: number; readonly per: string };

export const FAILURE_POLICIES = ['hold', 'rollback-host', 'rollback-wave', 'rollback-run'] as const;

/**
 * What happens after a trip. A failed host is rolled back at once under all but `hold`.
 * - `hold`: nothing is rolled back; the failed host stays as it is, marked down, for a person to look at
 * - `rollback-host`: only failed hosts are rolled back
 * - `rollback-wave`: every host of the tripped wave
 * - `rollback-run`: every host the run has touched
 */
export type OnFailure = (typeof FAILURE_POLICIES)[number];

/** Durations are in milliseconds. */
export interface Policy {
  readonly waves: WavePolicy;
  readonly maxUnavailable: Size;
  readonly tolerate: { readonly wave: Size; readonly run: Size };
  readonly tolerateUnreachable: Size;
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
  readonly bakeMs: number;
  /** From arming the dead-man timer to the automatic rollback. */
  readonly confirmDeadlineMs: number;
  readonly deadMan: DeadManPolicy;
  /** How long a claim lasts without a sign of life of its run. */
  readonly leaseMs: number;
  readonly onFailure: OnFailure;
  readonly onInconclusive: { readonly pauseMs: number; readonly otherwise: OnFailure };
}

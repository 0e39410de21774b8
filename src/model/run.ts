import type { HostFailure } from '../errors/host-failure.js';
import type { HostName, ReleaseId } from './names.js';

export const HOST_STAGES = [
  'waiting',
  'checking',
  'claiming',
  'claimed',
  'staging',
  'staged',
  'switching',
  'confirming',
  'done',
  'reverting',
  'reverted',
  'failed',
  'down',
  'unknown',
] as const;

/** What a host does, or its final state, as the run sees it. */
export type HostStage = (typeof HOST_STAGES)[number];

/** The parts of a run, in the order in which they happen. */
export type RunPhase =
  | 'preflight'
  | 'claiming'
  | 'staging'
  | 'wave'
  | 'stopping'
  | 'rolling-back'
  | 'finalizing';

export const RUN_STATES = [
  'succeeded',
  'succeeded_partial',
  'stopped_mixed',
  'rolled_back',
  'rollback_incomplete',
  'aborted_clean',
  'refused',
  'paused',
  'fenced',
] as const;

/**
 * How a run ended. `refused` wrote nothing or gave up its claims; `paused` gave them up and can be resumed; `fenced` lost
 * its hosts to another run.
 */
export type RunState = (typeof RUN_STATES)[number];

/** Whether the run left something for `resume`; a release that was rolled back is bad. */
export const isResumable = (state: RunState): boolean => RESUMABLE.has(state);

const RESUMABLE: ReadonlySet<RunState> = new Set([
  'paused',
  'stopped_mixed',
  'aborted_clean',
  'rollback_incomplete',
  'fenced',
]);

export const HOST_RESULT_STATES = [...HOST_STAGES, 'skipped', 'unchanged'] as const;

/** A host's state in the records: its stage, or that the run left it out. */
export type HostResultState = (typeof HOST_RESULT_STATES)[number];

/** One host at the end of a run, from a fresh read. */
export interface HostResult {
  readonly host: HostName;
  readonly state: HostResultState;
  /** From 0; null for a host that was in no wave. */
  readonly wave: number | null;
  readonly from: ReleaseId | null;
  readonly to: ReleaseId | null;
  readonly error?: HostFailure | undefined;
}

/** Why a run stopped starting hosts. */
export type StopReason =
  | {
      readonly kind: 'tripped';
      readonly wave: number;
      readonly failed: readonly HostName[];
      readonly limit: 'wave' | 'run';
    }
  | { readonly kind: 'gate-failed'; readonly wave: number; readonly failed: readonly HostName[] }
  | {
      readonly kind: 'gate-inconclusive';
      readonly wave: number;
      readonly missing: readonly HostName[];
    }
  /** Hosts are left, none may leave service under max_unavailable, and none is in flight. */
  | { readonly kind: 'no-budget'; readonly wave: number; readonly out: readonly HostName[] }
  /** By Ctrl-C, or by a person in another shell. */
  | { readonly kind: 'interrupted'; readonly by?: string | undefined }
  /** Another run has taken these hosts, or may have while this one was stopped. */
  | { readonly kind: 'fenced'; readonly hosts: readonly HostName[] }
  | { readonly kind: 'claim-refused'; readonly hosts: readonly HostName[] };

/** What the state machine reports of its own transitions; part of the event stream. */
export type RunNotice =
  | {
      readonly type: 'phase-started';
      readonly phase: RunPhase;
      readonly wave: number | null;
      readonly hosts: readonly HostName[];
    }
  | { readonly type: 'phase-ended'; readonly phase: RunPhase; readonly wave: number | null }
  | {
      readonly type: 'host-stage';
      readonly host: HostName;
      readonly stage: HostStage;
      readonly wave: number;
      readonly failure?: HostFailure | undefined;
    }
  | { readonly type: 'bake-started'; readonly wave: number; readonly ms: number }
  | { readonly type: 'gate-started'; readonly wave: number; readonly hosts: number }
  | {
      readonly type: 'gate-judged';
      readonly wave: number;
      readonly verdict: 'pass' | 'fail' | 'inconclusive';
      readonly hosts: readonly HostName[];
    }
  | { readonly type: 'stopped'; readonly reason: StopReason }
  /** Someone asked it to pause; hosts in flight come first. */
  | { readonly type: 'pause-asked'; readonly by: string }
  /** No host is in flight and none starts, before `wave` or in its middle. */
  | { readonly type: 'paused'; readonly wave: number; readonly why: PauseReason }
  | { readonly type: 'resumed'; readonly by: string };

/** `approval`: the plan needs an approval before the wave. */
export type PauseReason =
  | { readonly kind: 'asked'; readonly by: string }
  | { readonly kind: 'approval' };

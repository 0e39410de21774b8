import type { DeadManTier } from '../../src/model/runs/dead-man.js';
import type { OnFailure } from '../../src/model/runs/policy.js';

/**
 * One simulated run as plain data: the same scenario is the same run, move for move. Hosts are
 * numbered from 0, times are milliseconds from the beginning of the first run.
 */
export interface Scenario {
  /** For delays, jitter, and what a power cut leaves. */
  readonly seed: number;
  readonly kind: 'deploy' | 'rollback';
  readonly hosts: number;
  /** Sizes of the waves; what is left over is one more. */
  readonly waves: readonly number[];
  readonly policy: ScenarioPolicy;
  /** False for a first deploy, to hosts that have no release. */
  readonly installed: boolean;
  readonly restart: 'no' | 'always';
  /** Hosts whose unit is down before the run. */
  readonly sick: readonly number[];
  /** Hosts that were added since and never had a release. */
  readonly fresh: readonly number[];
  /** Hosts whose `current` another tool made, after fleet's releases. */
  readonly foreign?: readonly number[];
  /** Each release brings a unit file of its own. */
  readonly unitFiles?: boolean;
  /** A backup is taken before each link moves. */
  readonly backup?: boolean;
  /** Hosts that roll an unfinished transaction back at boot. */
  readonly guarded: readonly number[];
  readonly tiers: readonly DeadManTier[];
  readonly faults: readonly Fault[];
  /** What a pause does: waits for a person, or ends the run so that it can be resumed. */
  readonly onPause: 'wait' | 'exit';
  /** What a person does once the controller is gone. */
  readonly aftermath: 'recover' | 'resume';
  /** With hooks at every point; those named fail, each time. */
  readonly hooks?: { readonly fails: readonly string[] } | null;
  /** Only shows what a run would do. */
  readonly dryRun: boolean;
}

export interface ScenarioPolicy {
  /** Percent of the hosts. */
  readonly maxUnavailable: number;
  readonly tolerateWave: number;
  readonly tolerateRun: number;
  readonly tolerateUnreachable: number;
  readonly minHealthyMs: number;
  readonly healthyDeadlineMs: number;
  readonly bakeMs: number;
  readonly confirmDeadlineMs: number;
  readonly leaseMs: number;
  readonly deadMan: 'required' | 'auto' | 'off';
  readonly onFailure: OnFailure;
  readonly pauseMs: number;
  /** Waves, from 0, that begin only when a person agrees. */
  readonly approvals: readonly number[];
}

/** Where a call is hit: before it arrives, at its nth pause on the host, or when it is answered. */
export type CutPoint = 'unsent' | 'during' | 'answer';

export type CrashMode = 'unsent' | 'applied' | 'answer-lost';

export type Fault =
  /** The connection ends at the nth call (from 1) to a host. */
  | {
      readonly kind: 'cut';
      readonly host: number;
      readonly call: number;
      readonly point: CutPoint;
      readonly pause: number;
    }
  /** A step waits longer at one of its pauses, so that something else comes first. */
  | {
      readonly kind: 'stall';
      readonly host: number;
      readonly call: number;
      readonly pause: number;
      readonly ms: number;
    }
  /** The host goes down at a pause of a step. */
  | {
      readonly kind: 'reboot-in';
      readonly host: number;
      readonly call: number;
      readonly pause: number;
      readonly downMs: number;
      readonly power: boolean;
    }
  | {
      readonly kind: 'reboot';
      readonly host: number;
      readonly at: number;
      readonly downMs: number;
      readonly power: boolean;
    }
  | { readonly kind: 'outage'; readonly host: number; readonly at: number; readonly ms: number }
  | { readonly kind: 'disk-full'; readonly host: number; readonly at: number; readonly ms: number }
  /** systemctl hangs at the next start of a unit. */
  | { readonly kind: 'hang'; readonly host: number; readonly at: number; readonly ms: number }
  | { readonly kind: 'unit-dies'; readonly host: number; readonly at: number }
  /** The release that is deployed is bad on that host, or on every host where `host` is -1. */
  | {
      readonly kind: 'bad';
      readonly host: number;
      readonly how: 'no-start' | 'dies' | 'unwell';
      readonly afterMs: number;
    }
  /** The release that is deployed dies wherever more than so many hosts run it. */
  | { readonly kind: 'load'; readonly most: number }
  /** A wall clock jumps; that of the bastion where `host` is -1. */
  | { readonly kind: 'clock'; readonly host: number; readonly at: number; readonly ms: number }
  | { readonly kind: 'interrupt'; readonly at: number }
  /** SIGSTOP and SIGCONT of the controller. */
  | { readonly kind: 'stop'; readonly at: number; readonly ms: number }
  | { readonly kind: 'kill'; readonly at: number }
  /** A person pauses the run from another shell, and lets it go on so much later. */
  | { readonly kind: 'pause'; readonly at: number; readonly ms: number }
  | { readonly kind: 'abort'; readonly at: number }
  /** The controller is killed at its nth call. */
  | { readonly kind: 'crash'; readonly call: number; readonly mode: CrashMode }
  /** What goes on after the first controller, a recovery or a resumed run, is killed at its nth call. */
  | { readonly kind: 'crash-again'; readonly call: number; readonly mode: CrashMode }
  /** The bastion's lock is no longer that of the first controller. */
  | { readonly kind: 'lock-lost'; readonly at: number }
  /** Someone starts another command on another bastion meanwhile. */
  | {
      readonly kind: 'second';
      readonly at: number;
      readonly what: 'deploy' | 'rollback' | 'recover';
    }
  /** The history store fails, or never answers, from the beginning on. */
  | { readonly kind: 'store-down'; readonly how: 'fails' | 'hangs' }
  /** A reader of the events, such as a notifier, throws at every one. */
  | { readonly kind: 'reader-throws' };

export const hostNameOf = (index: number): string => `h${index + 1}`;

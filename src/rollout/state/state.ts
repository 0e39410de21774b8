import type { HostName } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import type { StopReason } from '../../model/runs/run.js';
import type { HookMoment } from './hook-moment.js';
import type { HostRun } from './host-run.js';
import { HostTable } from './host-table.js';

/** What the run does now. */
export type Activity =
  | { readonly kind: 'planned' }
  | { readonly kind: 'claiming' }
  | { readonly kind: 'staging' }
  | { readonly kind: 'wave'; readonly wave: number }
  | { readonly kind: 'baking'; readonly wave: number }
  /** Probing every host activated so far; `patienceMs` is left for an inconclusive gate. */
  | {
      readonly kind: 'gate';
      readonly wave: number;
      /** The wave that begins when it passes. */
      readonly next: number;
      readonly patienceMs: number;
      /** Whether the probes of this round were sent. */
      readonly asked: boolean;
    }
  /** An inconclusive gate waits before it probes again. */
  | {
      readonly kind: 'gate-waiting';
      readonly wave: number;
      readonly next: number;
      readonly patienceMs: number;
    }
  /** Hooks of a wave or of the run, one after the other. */
  | ({ readonly kind: 'hooks' } & HookMoment)
  /** No host is in flight. `wave` continues, behind a new gate, when a person resumes the run. */
  | { readonly kind: 'paused'; readonly wave: number }
  /** Hosts in flight are finished first; nothing new starts. */
  | { readonly kind: 'stopping' }
  | { readonly kind: 'rolling-back' }
  | { readonly kind: 'finalizing' }
  | { readonly kind: 'ended' };

/** All that the machine knows of a run. Immutable. How a run ends is a `RunState`. */
export interface RolloutState {
  readonly plan: Plan;
  readonly hosts: HostTable;
  readonly activity: Activity;
  /** The first reason to stop; null while the run continues. */
  readonly stop: StopReason | null;
  /** How many hosts are worked on at once: an effect that waits behind others cannot be cancelled. */
  readonly atOnce: number;
  /** Who asked for a pause at the next host boundary; null if no one did. */
  readonly pause: string | null;
  /** Waves that a person has approved. */
  readonly approved: ReadonlySet<number>;
  /** Hooks of a wave or of the run that have ended, each by its turn. */
  readonly finishedHooks: ReadonlySet<string>;
  /** The turn of the one that runs now. */
  readonly hookInFlight: string | null;
  /** True if it ends paused: its claims are given up, and it can be resumed. */
  readonly suspended: boolean;
}

/** A run before its first input: nothing is sent; each host waits, or an earlier controller finished it. */
export function beginState(plan: Plan, atOnce = Number.POSITIVE_INFINITY): RolloutState {
  const hosts = plan.hosts.map(
    (host): HostRun => ({
      plan: host,
      stage: 'waiting',
      claimed: false,
      touched: host.done,
      failed: false,
      fenced: false,
      failure: null,
      probe: null,
      final: null,
    }),
  );
  return {
    plan,
    hosts: HostTable.of(
      plan.waves.map((_, wave) => hosts.filter((host) => host.plan.wave === wave)),
    ),
    activity: { kind: 'planned' },
    stop: null,
    atOnce,
    pause: null,
    approved: new Set(),
    finishedHooks: new Set(
      plan.hooksBegun.filter((hook) => hook.state === 'done').map(({ turn }) => turn),
    ),
    hookInFlight: null,
    suspended: false,
  };
}

/** The host of that name; a name from outside the plan is a bug. */
export function hostOf(state: RolloutState, name: HostName): HostRun {
  const host = state.hosts.get(name);
  if (host === undefined) throw new Error(`host ${name} is not part of this run`);
  return host;
}

/** The state with some of one host changed; a name from outside the plan is a bug. */
export function withHost(
  state: RolloutState,
  name: HostName,
  change: Partial<HostRun>,
): RolloutState {
  const host = { ...hostOf(state, name), ...change };
  return { ...state, hosts: state.hosts.with(name, host) };
}

import type { HostFailure } from '../../errors/host-failure.js';
import type { HostName } from '../../model/names.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { HostStage, RunNotice, RunPhase, StopReason } from '../../model/runs/run.js';
import type { Effect } from './effect.js';
import { isClosing } from './hook-moment.js';
import type { HostRun } from './host-run.js';
import { type Activity, hostOf, type RolloutState, withHost } from './state.js';

/** What one input leads to: the next state, effects to carry out, and notices to emit. */
export interface Transition {
  readonly state: RolloutState;
  readonly effects: readonly Effect[];
  readonly notices: readonly RunNotice[];
}

/** Builds the transition of one input. It lives within a single call of the machine. */
export class TransitionBuilder {
  readonly effects: Effect[] = [];
  readonly notices: RunNotice[] = [];
  /** The host that was probed in the same call as its confirmation, if this input reports one. */
  probed: HostName | null = null;

  constructor(public state: RolloutState) {}

  get step(): Transition {
    return { state: this.state, effects: this.effects, notices: this.notices };
  }

  host(name: HostName): HostRun {
    return hostOf(this.state, name);
  }

  /** Moves a host to a stage and emits a notice. */
  enter(name: HostName, stage: HostStage, change: Partial<HostRun> = {}): void {
    this.state = withHost(this.state, name, { ...change, stage });
    const { plan, failure } = this.host(name);
    this.notices.push({
      type: 'host-stage',
      host: name,
      stage,
      wave: plan.wave,
      ...(failure === null ? {} : { failure }),
    });
  }

  /** Moves a host to a stage as failed. The first failure is kept: it is the cause. */
  fail(name: HostName, stage: HostStage, failure: HostFailure): void {
    this.enter(name, stage, { failed: true, failure: this.host(name).failure ?? failure });
  }

  /** Another run has this host, or may have it: nothing more is sent to it, and the run stops. */
  fence(name: HostName, failure: HostFailure): void {
    const { stage } = this.host(name);
    this.change(name, { fenced: true });
    this.fail(name, STAGE_TRAITS[stage].settled ? stage : 'unknown', failure);
    this.stop({ kind: 'fenced', hosts: [name] });
  }

  /** Changes a host without changing its stage. */
  change(name: HostName, change: Partial<HostRun>): void {
    this.state = withHost(this.state, name, change);
  }

  /** Stops the run unless it is stopped or over: the first reason wins. */
  stop(reason: StopReason): void {
    if (this.state.stop !== null || isEnding(this.state.activity)) return;
    this.state = { ...this.state, stop: reason };
    this.notices.push({ type: 'stopped', reason });
    this.become({ kind: 'stopping' });
  }

  /** Changes the activity; emits notices of the phases that end and begin. */
  become(activity: Activity, hosts: readonly HostName[] = []): void {
    const before = phaseOf(this.state.activity);
    const after = phaseOf(activity);
    this.state = { ...this.state, activity };
    if (before?.phase === after?.phase && before?.wave === after?.wave) return;
    if (before !== null) this.notices.push({ type: 'phase-ended', ...before });
    if (after !== null) this.notices.push({ type: 'phase-started', ...after, hosts });
  }
}

/** How the run has ended is known, or is being read. */
const isEnding = (activity: Activity): boolean =>
  activity.kind === 'finalizing' ||
  activity.kind === 'ended' ||
  (activity.kind === 'hooks' && isClosing(activity));

function phaseOf(activity: Activity): { phase: RunPhase; wave: number | null } | null {
  switch (activity.kind) {
    case 'planned':
    case 'ended':
      return null;
    case 'wave':
    case 'baking':
    case 'gate':
    case 'gate-waiting':
    case 'paused':
      return { phase: 'wave', wave: activity.wave };
    case 'hooks':
      if (isClosing(activity)) return { phase: 'finalizing', wave: null };
      return activity.point === 'before_stage'
        ? { phase: 'staging', wave: null }
        : { phase: 'wave', wave: activity.wave };
    default:
      return { phase: activity.kind, wave: null };
  }
}

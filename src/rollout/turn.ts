import type { HostFailure } from '../errors/host-failure.js';
import type { HostName } from '../model/names.js';
import { STAGE_TRAITS } from '../model/runs/host-stage.js';
import type { HostStage, RunNotice, RunPhase, StopReason } from '../model/runs/run.js';
import type { Effect } from './effect.js';
import type { HostRun } from './host-run.js';
import { type Activity, hostOf, type RolloutState, withHost } from './state.js';

/** What one input leads to: the next state, what to do, and what to tell. */
export interface Step {
  readonly state: RolloutState;
  readonly effects: readonly Effect[];
  readonly notices: readonly RunNotice[];
}

/** One input being worked off; lives within a single call of the machine and never leaves it. */
export class Turn {
  readonly effects: Effect[] = [];
  readonly notices: RunNotice[] = [];
  /** The host that was probed after its confirmation, if this input tells so. */
  probed: HostName | null = null;

  constructor(public state: RolloutState) {}

  get step(): Step {
    return { state: this.state, effects: this.effects, notices: this.notices };
  }

  host(name: HostName): HostRun {
    return hostOf(this.state, name);
  }

  /** Brings a host to a stage and tells of it. */
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

  /** Brings a host to a stage as failed; the first failure is kept, as it is the cause. */
  fail(name: HostName, stage: HostStage, failure: HostFailure): void {
    this.enter(name, stage, { failed: true, failure: this.host(name).failure ?? failure });
  }

  /** Another run has this host, or may have: it is left alone, and the run stops. */
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

  /** Stops the run, if nothing has yet: the first reason wins, and what is over can not be stopped. */
  stop(reason: StopReason): void {
    const { kind } = this.state.activity;
    if (this.state.stop !== null || kind === 'finalizing' || kind === 'ended') return;
    this.state = { ...this.state, stop: reason };
    this.notices.push({ type: 'stopped', reason });
    this.become({ kind: 'stopping' });
  }

  /** Changes what the run does; tells of phases that end and begin with it. */
  become(activity: Activity, hosts: readonly HostName[] = []): void {
    const before = phaseOf(this.state.activity);
    const after = phaseOf(activity);
    this.state = { ...this.state, activity };
    if (before?.phase === after?.phase && before?.wave === after?.wave) return;
    if (before !== null) this.notices.push({ type: 'phase-ended', ...before });
    if (after !== null) this.notices.push({ type: 'phase-started', ...after, hosts });
  }
}

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
    default:
      return { phase: activity.kind, wave: null };
  }
}

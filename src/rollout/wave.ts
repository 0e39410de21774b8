import type { HostName } from '../model/names.js';
import { isPreparedFirst } from '../model/runs/preparation.js';
import type { PauseReason } from '../model/runs/run.js';
import { startHooks } from './hooks/run-hooks.js';
import { mayLeaveService, outOfService } from './limits/budget.js';
import { gateHosts } from './limits/gate.js';
import { nameOf } from './state/host-run.js';
import type { RolloutState } from './state/state.js';
import type { TransitionBuilder } from './state/transition.js';

/** Starts the wave of that index, or the end of the run after the last. */
export function beginWave(turn: TransitionBuilder, wave: number): void {
  const hosts = turn.state.plan.waves[wave];
  if (hosts === undefined) {
    const last = { point: 'after_confirm', per: 'run', wave: wave - 1 } as const;
    return startHooks(turn, last) ? undefined : turn.become({ kind: 'finalizing' });
  }
  if (needsApproval(turn.state, wave)) return pause(turn, wave, { kind: 'approval' });
  if (hasReady(turn.state, wave) && startHooksBefore(turn, wave)) return;
  turn.become({ kind: 'wave', wave }, hosts);
}

const startHooksBefore = (turn: TransitionBuilder, wave: number): boolean =>
  startHooks(turn, { point: 'before_activate', per: 'run', wave }) ||
  startHooks(turn, { point: 'before_activate', per: 'wave', wave });

/** Opens the gate before wave `next`. It is shown as part of `wave`, or of the last wave. */
export function openGate(turn: TransitionBuilder, wave: number, next: number): void {
  const patienceMs = turn.state.plan.app.policy.onInconclusive.pauseMs;
  const { waves } = turn.state.plan;
  const shown = Math.min(wave, waves.length - 1);
  const hosts = gateHosts(turn.state).map(nameOf);
  const asked = hosts.length === 1 && hosts[0] === turn.probed;
  const gate = { kind: 'gate', wave: shown, next, patienceMs, asked } as const;
  turn.become(gate, waves[shown]);
  if (asked) turn.notices.push({ type: 'gate-started', wave: shown, hosts: hosts.length });
}

/**
 * Whether the last gate opens as soon as the one host in flight is confirmed, and probes that host
 * alone. With other hosts, each is probed when all of them are settled.
 */
export function isAloneBeforeEnd({ activity, hosts, plan, stop }: RolloutState): boolean {
  if (stop !== null || activity.kind !== 'wave' || plan.app.policy.bakeMs > 0) return false;
  if (plan.app.hooks.some(({ point }) => point === 'after_confirm')) return false;
  const { wave } = activity;
  if (wave < plan.waves.length - 1) return false;
  const left = hosts.count('readyFree', wave) + hosts.count('readyServing', wave);
  return left === 0 && hosts.count('inFlight') === 1 && hosts.count('switched') === 0;
}

/** The first wave that has a host left to activate; the number of waves if none has. */
export function nextWave(state: RolloutState): number {
  const open = state.plan.waves.findIndex((_, wave) => hasReady(state, wave));
  return open === -1 ? state.plan.waves.length : open;
}

/** Activates what the budget allows; the wave is over when every host of it is settled. */
export function pumpWave(turn: TransitionBuilder, wave: number): void {
  const asked = turn.state.pause;
  if (asked === null) switchAllowed(turn, wave);
  if (turn.state.hosts.count('inFlight', wave) > 0) return;
  if (!hasReady(turn.state, wave)) return beginBake(turn, wave);
  if (asked !== null) return pause(turn, wave, { kind: 'asked', by: asked });
  turn.stop({ kind: 'no-budget', wave, out: outOfService(turn.state) });
}

function switchAllowed(turn: TransitionBuilder, wave: number): void {
  const { hosts } = turn.state;
  const ready = {
    free: hosts.where('readyFree', wave),
    serving: hosts.where('readyServing', wave),
  };
  for (const host of mayLeaveService(turn.state, ready)) {
    if (isPreparedFirst(turn.state.plan, host.plan)) startPreparing(turn, nameOf(host));
    else startSwitch(turn, nameOf(host));
  }
}

function startPreparing(turn: TransitionBuilder, host: HostName): void {
  turn.enter(host, 'preparing');
  turn.effects.push({ kind: 'prepare', host });
}

/** Sends the activation of a host that may leave service. */
export function startSwitch(turn: TransitionBuilder, host: HostName): void {
  turn.enter(host, 'switching', { touched: true });
  turn.effects.push({ kind: 'switch', host });
}

function pause(turn: TransitionBuilder, wave: number, why: PauseReason): void {
  turn.become({ kind: 'paused', wave }, turn.state.plan.waves[wave]);
  turn.notices.push({ type: 'paused', wave, why });
}

const needsApproval = (state: RolloutState, wave: number): boolean =>
  state.plan.approvals.includes(wave) && !state.approved.has(wave) && hasReady(state, wave);

const hasReady = ({ hosts }: RolloutState, wave: number): boolean =>
  hosts.count('readyFree', wave) + hosts.count('readyServing', wave) > 0;

/** The hosts of a wave are settled: its hooks, its bake, its gate. */
export function beginBake(turn: TransitionBuilder, wave: number): void {
  if (startHooks(turn, { point: 'after_confirm', per: 'wave', wave })) return;
  const { bakeMs } = turn.state.plan.app.policy;
  if (bakeMs === 0) return openGate(turn, wave, wave + 1);
  turn.become({ kind: 'baking', wave });
  turn.notices.push({ type: 'bake-started', wave, ms: bakeMs });
  turn.effects.push({ kind: 'wait', ms: bakeMs });
}

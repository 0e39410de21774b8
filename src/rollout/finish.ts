import { conclude } from './conclude.js';
import { startHooks } from './hooks/run-hooks.js';
import { mayLeaveService } from './limits/budget.js';
import { decideFailed, hostsToUndo } from './limits/failure-policy.js';
import { nameOf } from './state/host-run.js';
import type { RolloutState } from './state/state.js';
import type { TransitionBuilder } from './state/transition.js';

/** Once every host in flight is settled, rolls back what the policy says, or ends. */
export function afterStopping(turn: TransitionBuilder): void {
  const reason = turn.state.stop;
  if (reason === null || hasUnfinished(turn.state)) return;
  const { free, serving } = hostsToUndo(turn.state, reason);
  const undo = [...free, ...serving].map(nameOf);
  if (undo.length === 0) turn.become({ kind: 'finalizing' });
  else turn.become({ kind: 'rolling-back' }, undo);
}

/**
 * Rolls hosts back: those that do not serve at once, serving ones under max_unavailable. Hosts
 * for which the budget has no room stay on the new release and are reported so.
 */
export function pumpUndo(turn: TransitionBuilder): void {
  const reason = turn.state.stop;
  if (reason === null) return;
  const pending = hostsToUndo(turn.state, reason);
  for (const host of mayLeaveService(turn.state, pending)) {
    turn.enter(nameOf(host), 'reverting');
    turn.effects.push({ kind: 'revert', host: nameOf(host), mode: 'back' });
  }
  if (turn.state.hosts.count('inFlight') === 0) turn.become({ kind: 'finalizing' });
}

/** Gives up the claim on every claimed host and reads it a last time; ends when all have answered. */
export function pumpFinish(turn: TransitionBuilder): void {
  for (const host of turn.state.hosts.where('claimed')) {
    turn.change(nameOf(host), { claimed: false });
    if (host.fenced && host.failure !== null) {
      turn.change(nameOf(host), { final: { kind: 'unread', failure: host.failure } });
      continue;
    }
    const whole = turn.state.stop === null && !turn.state.suspended;
    const done = whole && host.stage === 'done';
    const after = done ? 'done' : host.stage === 'unknown' ? 'given-up' : 'stopped';
    const back = after === 'given-up' && decideFailed(turn.state) === 'back';
    turn.effects.push({ kind: 'finish', host: nameOf(host), after, ...(back ? { back } : {}) });
  }
  if (turn.state.hosts.count('unread') === 0) closeRun(turn);
}

/** Every host was read: hooks at the end of the run, which are told how it ended. */
export function closeRun(turn: TransitionBuilder): void {
  const { suspended, stop, plan } = turn.state;
  const { state: result } = conclude(turn.state);
  const isOver = !suspended && result !== 'paused' && stop?.kind !== 'claim-refused';
  if (!isOver) return turn.become({ kind: 'ended' });
  const end = { per: 'run', wave: plan.waves.length - 1 } as const;
  if (startHooks(turn, { point: 'after_run', ...end })) return;
  const failed = result !== 'succeeded' && result !== 'succeeded_partial';
  if (failed && startHooks(turn, { point: 'on_failure', ...end })) return;
  turn.become({ kind: 'ended' });
}

const hasUnfinished = ({ hosts, hookInFlight }: RolloutState): boolean =>
  hookInFlight !== null ||
  hosts.count('inFlight') + hosts.count('claiming') + hosts.count('staging') > 0;

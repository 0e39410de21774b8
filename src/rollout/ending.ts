import { isInFlight, mayLeaveService } from './budget.js';
import { type HostRun, nameOf } from './state.js';
import type { Turn } from './turn.js';
import { decideFailed, hostsToUndo } from './undo.js';

/** Once every host in flight is decided, takes back what the policy says, or ends. */
export function afterStopping(turn: Turn): void {
  const reason = turn.state.stop;
  if (reason === null || turn.state.hosts.some(isUndecided)) return;
  const undo = hostsToUndo(turn.state, reason).map(nameOf);
  if (undo.length === 0) turn.become({ kind: 'finalizing' });
  else turn.become({ kind: 'rolling-back' }, undo);
}

/**
 * Takes hosts back: those that do not serve at once, serving ones under max_unavailable. Hosts
 * that the budget never frees stay on the new release and are reported so.
 */
export function pumpUndo(turn: Turn): void {
  const reason = turn.state.stop;
  if (reason === null) return;
  const pending = hostsToUndo(turn.state, reason);
  const brokenFirst = [...pending].sort((a, b) => Number(b.failed) - Number(a.failed));
  for (const host of mayLeaveService(turn.state, brokenFirst)) {
    turn.enter(nameOf(host), 'reverting');
    turn.effects.push({ kind: 'revert', host: nameOf(host), mode: 'back' });
  }
  if (!turn.state.hosts.some(isInFlight)) turn.become({ kind: 'finalizing' });
}

/** Asks every claimed host for its claim and a last reading; ends when all have answered. */
export function pumpFinish(turn: Turn): void {
  for (const host of turn.state.hosts.filter((each) => each.claimed)) {
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
  if (turn.state.hosts.every(isRead)) turn.become({ kind: 'ended' });
}

/** A host that still waits was never asked for a claim. */
const isRead = (host: HostRun): boolean => host.final !== null || host.stage === 'waiting';

const isUndecided = (host: HostRun): boolean =>
  isInFlight(host) || host.stage === 'claiming' || host.stage === 'staging';

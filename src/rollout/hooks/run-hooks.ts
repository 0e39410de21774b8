import type { HostName } from '../../model/names.js';
import { turnOf } from '../../model/runs/hooks/hook-turns.js';
import type { Hook } from '../../model/runs/hooks/hooks.js';
import { conclude } from '../conclude.js';
import { isFenced } from '../fencing.js';
import { type HookMoment, isClosing } from '../state/hook-moment.js';
import type { RunInput } from '../state/input.js';
import type { RolloutState } from '../state/state.js';
import type { TransitionBuilder } from '../state/transition.js';
import { hostFor, nextHook } from './hook-host.js';

/**
 * Starts the hooks of that moment that have not run yet, one after the other. False if there is none, so
 * that the run goes on at once.
 */
export function startHooks(turn: TransitionBuilder, moment: HookMoment): boolean {
  if (nextHook(turn.state, moment) === null) return false;
  turn.become({ kind: 'hooks', ...moment });
  pumpHooks(turn, moment);
  return true;
}

/** Asks for the next hook of the moment. False once all have run. */
export function pumpHooks(turn: TransitionBuilder, moment: HookMoment): boolean {
  if (turn.state.hookInFlight !== null) return true;
  const hook = nextHook(turn.state, moment);
  if (hook === null) return false;
  const host = hostFor(turn.state, hook, moment);
  const name = turnOf(hook, moment.wave);
  if (hook.where === 'host' && host === null) {
    if (!isClosing(moment)) return refuse(turn, hook, moment);
    finish(turn, name);
    return pumpHooks(turn, moment);
  }
  turn.state = { ...turn.state, hookInFlight: name };
  const wave = hook.per === 'wave' ? moment.wave : null;
  const result = isClosing(moment) ? { result: conclude(turn.state).state } : {};
  turn.effects.push({ kind: 'hook', hook: hook.id, turn: name, wave, host, ...result });
  return true;
}

/** No host is left on which it could run: it is not left out in silence. */
function refuse(turn: TransitionBuilder, hook: Hook, { point, wave }: HookMoment): boolean {
  const message = 'every host on which it could run has failed';
  turn.stop({ kind: 'hook-failed', wave, point, hook: hook.name, hosts: [], message });
  return true;
}

type Hooked = Extract<RunInput, { kind: 'hooked' }>;

/** Records how a hook of a wave or of the run has ended. */
export function noteHooked(turn: TransitionBuilder, input: Hooked): void {
  const { turn: name, host, result } = input;
  turn.state = { ...turn.state, hookInFlight: null };
  if (result.kind === 'ok') return finish(turn, name);
  if (host !== null && isFenced(result.failure)) return turn.fence(host, result.failure);
  const { activity } = turn.state;
  if (activity.kind !== 'hooks') return;
  // At the end it changes nothing: it counts as run, so that the others follow.
  if (isClosing(activity)) finish(turn, name);
  else turn.stop(stopFor(turn.state, input, result.failure.message));
}

function finish(turn: TransitionBuilder, name: string): void {
  const finishedHooks = new Set([...turn.state.finishedHooks, name]);
  turn.state = { ...turn.state, finishedHooks };
}

function stopFor({ plan, activity }: RolloutState, { hook, host }: Hooked, message: string) {
  const { name = hook, point = 'before_activate' } =
    plan.app.hooks.find(({ id }) => id === hook) ?? {};
  const wave = 'wave' in activity ? activity.wave : 0;
  const hosts: readonly HostName[] = host === null ? [] : [host];
  return { kind: 'hook-failed', wave, point, hook: name, hosts, message } as const;
}

import type { HostName } from '../../model/names.js';
import { hooksAt, includesHost, turnOf } from '../../model/runs/hooks/hook-turns.js';
import type { Hook } from '../../model/runs/hooks/hooks.js';
import type { HookMoment } from '../state/hook-moment.js';
import { type HostRun, nameOf } from '../state/host-run.js';
import type { RolloutState } from '../state/state.js';

/** The hosts that a moment is about, in plan order, whatever has become of them. */
function candidatesFor(
  { hosts }: RolloutState,
  { point, per, wave }: HookMoment,
): readonly HostRun[] {
  const all = [...hosts].filter((host) => per === 'run' || host.plan.wave === wave);
  switch (point) {
    case 'before_stage':
      return all.filter(({ plan }) => plan.upload && !plan.done);
    case 'after_confirm':
      return all.filter(({ stage }) => stage === 'done');
    default:
      return all;
  }
}

/**
 * The host on which a hook of a wave or of the run runs: the first in plan order that has what it needs.
 * One that began on a host is asked for there again, since that host knows how it ended.
 */
export function hostFor(state: RolloutState, hook: Hook, moment: HookMoment): HostName | null {
  if (hook.where !== 'host') return null;
  const name = turnOf(hook, moment.wave);
  const begun = state.plan.hooksBegun.find(
    ({ turn, state: how }) => turn === name && how === 'open',
  );
  if (begun?.host != null) return begun.host;
  const fit = candidatesFor(state, moment).find(
    (host) => includesHost(hook, host.plan.host) && isFit(host, moment),
  );
  return fit === undefined ? null : nameOf(fit);
}

/** Before an activation it must be ready; afterwards it must not be lost. */
function isFit({ stage, fenced }: HostRun, { point }: HookMoment): boolean {
  switch (point) {
    case 'before_stage':
      return stage === 'claimed';
    case 'before_activate':
      return stage === 'claimed' || stage === 'staged';
    case 'after_confirm':
      return stage === 'done';
    default:
      return !fenced;
  }
}

/** The first hook of the moment that has not ended and that is for a host of it. */
export function nextHook(state: RolloutState, moment: HookMoment): Hook | null {
  const hooks = hooksAt(state.plan, moment.point, moment.per);
  const open = hooks.find(
    (hook) =>
      !state.finishedHooks.has(turnOf(hook, moment.wave)) &&
      candidatesFor(state, moment).some((host) => includesHost(hook, host.plan.host)),
  );
  return open ?? null;
}

/** Whether hooks after an activation have still to run, of hosts that have the release. */
export function hasHooksLeft(state: RolloutState): boolean {
  const point = 'after_confirm' as const;
  const waves = state.plan.waves.map((_, wave): HookMoment => ({ point, per: 'wave', wave }));
  const run: HookMoment = { point, per: 'run', wave: state.plan.waves.length - 1 };
  return [...waves, run].some((moment) => nextHook(state, moment) !== null);
}

import type { HostName } from '../../model/names.js';
import { includesHost, turnOf } from '../../model/runs/hook-turns.js';
import type { Hook } from '../../model/runs/hooks.js';
import { type HostRun, nameOf } from '../host-run.js';
import type { RolloutState } from '../state.js';
import type { HookMoment } from './hook-moment.js';

/** The hosts that a moment is about, in plan order, whatever has become of them. */
export function candidatesFor(
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

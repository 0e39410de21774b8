import type { HostName } from '../model/names.js';
import type { HostStage } from '../model/run.js';
import { type HostRun, nameOf, type RolloutState } from './state.js';

/** Stages in which a host is being worked on and may not serve. */
const IN_FLIGHT: ReadonlySet<HostStage> = new Set(['switching', 'confirming', 'reverting']);
const BROKEN: ReadonlySet<HostStage> = new Set(['down', 'unknown']);

export const isInFlight = (host: HostRun): boolean => IN_FLIGHT.has(host.stage);

/**
 * Out of service now: in flight, down or unknown, found sick by a gate, or sick before the run
 * and not cured by it.
 */
function isOut(host: HostRun): boolean {
  if (isInFlight(host) || BROKEN.has(host.stage)) return true;
  return host.stage === 'done' ? host.failed : !host.plan.serving;
}

/** Hosts out of service, those that preflight could not reach counted with them. */
export function outOfService(state: RolloutState): readonly HostName[] {
  return [
    ...state.plan.skipped.map((skipped) => skipped.host.name),
    ...state.hosts.filter(isOut).map(nameOf),
  ];
}

/**
 * The one gate through which hosts leave service, whatever for: the hosts of `candidates`, in order,
 * that may be worked on now under `max_unavailable`. A host that is out already may always be: that
 * makes nothing worse. No more are taken than are worked on at once, as what waits can not be
 * called back.
 */
export function mayLeaveService(
  state: RolloutState,
  candidates: readonly HostRun[],
): readonly HostRun[] {
  const room = Math.max(0, state.atOnce - state.hosts.filter(isInFlight).length);
  let free = state.plan.limits.maxUnavailable - outOfService(state).length;
  const admitted = candidates.filter((host) => {
    if (isOut(host)) return true;
    free -= 1;
    return free >= 0;
  });
  return admitted.slice(0, room);
}

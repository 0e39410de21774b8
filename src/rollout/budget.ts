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
 * The hosts of `candidates`, in order, that may be taken out of service now under
 * `max_unavailable`. A host that is out already may always be worked on: that makes nothing worse.
 */
export function mayLeaveService(
  state: RolloutState,
  candidates: readonly HostRun[],
): readonly HostRun[] {
  const out = outOfService(state).length;
  return admit(candidates, { limit: state.plan.limits.maxUnavailable, out, isOut });
}

/**
 * The one gate through which hosts leave service, whatever for: those of `candidates`, in order, of
 * which `out` hosts that are out already and these together keep within `limit`.
 */
export function admit<Candidate>(
  candidates: readonly Candidate[],
  {
    limit,
    out,
    isOut,
  }: {
    readonly limit: number;
    readonly out: number;
    readonly isOut: (candidate: Candidate) => boolean;
  },
): readonly Candidate[] {
  let free = limit - out;
  return candidates.filter((candidate) => {
    if (isOut(candidate)) return true;
    free -= 1;
    return free >= 0;
  });
}

import type { HostName } from '../../model/names.js';
import { type HostRun, nameOf, PREDICATES } from '../state/host-run.js';
import type { RolloutState } from '../state/state.js';

/** Hosts out of service, including those that preflight could not reach. */
export function outOfService(state: RolloutState): readonly HostName[] {
  return [
    ...state.plan.skipped.map((skipped) => skipped.host.name),
    ...[...state.hosts.where('out')].map(nameOf),
  ];
}

/** Hosts that are to be worked on, each in plan order. */
export interface Candidates {
  /** Out of service already, or never in it. */
  readonly free: Iterable<HostRun>;
  readonly serving: Iterable<HostRun>;
}

/**
 * The candidates that may be worked on now under `max_unavailable`: every host that leaves service, for
 * any reason, passes here. A host that is out already, or never served, is always allowed and comes
 * first: it costs no budget, and may free some. It allows no more hosts than are worked on at once, since
 * an effect that waits in a queue cannot be cancelled.
 */
export function mayLeaveService(state: RolloutState, candidates: Candidates): readonly HostRun[] {
  const { plan, hosts, atOnce } = state;
  const room = Math.max(0, atOnce - hosts.count('inFlight'));
  const freely = firstOf(candidates.free, room);
  const started = freely.filter((host) => !PREDICATES.out(host)).length;
  const out = plan.skipped.length + hosts.count('out') + started;
  const free = Math.max(0, plan.limits.maxUnavailable - out);
  return [...freely, ...firstOf(candidates.serving, Math.min(free, room - freely.length))];
}

/** Stops at the first `most`: there may be thousands of hosts. */
function firstOf(hosts: Iterable<HostRun>, most: number): readonly HostRun[] {
  const found: HostRun[] = [];
  if (most <= 0) return found;
  for (const host of hosts) if (found.push(host) >= most) break;
  return found;
}

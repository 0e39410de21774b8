import type { HostName } from '../model/names.js';
import { type HostRun, nameOf, PREDICATES } from './host-run.js';
import type { RolloutState } from './state.js';

/** Hosts out of service, those that preflight could not reach counted with them. */
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
 * The one gate through which hosts leave service, whatever for: those of the candidates that may be
 * worked on now under `max_unavailable`. A host that is out already, or never served, may always be, and
 * comes first: that makes nothing worse, and frees the budget. No more are taken than are worked on at once, as
 * what waits can not be called back.
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

/** Looks no further than it has to: there may be thousands. */
function firstOf(hosts: Iterable<HostRun>, most: number): readonly HostRun[] {
  const found: HostRun[] = [];
  if (most <= 0) return found;
  for (const host of hosts) if (found.push(host) >= most) break;
  return found;
}

import type { HostName } from '../model/names.js';
import { type HostRun, nameOf } from './state/host-run.js';
import type { RolloutState } from './state/state.js';
import type { TransitionBuilder } from './state/transition.js';

/** Asks these hosts for their claims. */
export function askForClaims(turn: TransitionBuilder, hosts: readonly HostName[]): void {
  for (const host of hosts) {
    turn.enter(host, 'claiming', { claimed: true });
    turn.effects.push({ kind: 'claim', host });
  }
}

/** The host that is claimed before all others: the same one for every run with these hosts. */
export function firstToClaim(state: RolloutState): readonly HostName[] {
  const [first] = [...state.hosts].sort(byMachine);
  return first === undefined ? [] : [nameOf(first)];
}

/** By machine-id; among clones, which share it, by name. */
function byMachine(a: HostRun, b: HostRun): number {
  return compare(a.plan.machineId, b.plan.machineId) || compare(a.plan.host.name, b.plan.host.name);
}

const compare = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

import type { HostReading } from '../../engine/reading/host-reading.js';
import type { Recovered } from '../../engine/recover/recover.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import { whyUnread } from '../../host/reply/facts.js';
import type { Host } from '../../model/hosts/host.js';
import type { RunId } from '../../model/names.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import { namesText } from '../../model/text/name-ranges.js';

/** What each host reports, by its place. */
export const factsOf = (surveys: readonly HostReading[]): ReadonlyMap<string, HostFacts> =>
  new Map(
    surveys.flatMap((each) =>
      each.kind === 'read' && whyUnread(each.facts, 'state') === null
        ? [[placeOf(each.host), each.facts]]
        : [],
    ),
  );

/** Another inventory may use the same name for another machine. */
export const placeOf = ({ name, address, ssh }: Host): string => `${name} ${address} ${ssh.port}`;

const SETTLED: ReadonlySet<Recovered['state']> = new Set(['released', 'reverted', 'down']);

/** Hosts of a plan where the result of the run is not known. */
export function openHosts(
  plan: Plan,
  found: ReadonlyMap<string, HostFacts>,
  recovered: readonly Recovered[],
): readonly HostPlan[] {
  const stateOf = new Map(recovered.map(({ host, state }) => [host, state]));
  return plan.hosts.filter((host) => {
    const facts = found.get(placeOf(host.host));
    const state = stateOf.get(host.host.name);
    return facts === undefined || isOvertaken(host, facts) || (state && !SETTLED.has(state));
  });
}

/** Whether a later run changed the host: what this one did there cannot be seen any more. */
function isOvertaken({ txn, epoch }: HostPlan, facts: HostFacts): boolean {
  if (facts.txn === null || facts.txn === txn) return false;
  return Number(facts.txn.split('.').at(-2)) > epoch;
}

/** What was read of a host, and what a recovery made of it. */
interface FoundHost {
  readonly facts: Pick<HostFacts, 'run' | 'epoch'> | undefined;
  readonly state: Recovered['state'] | undefined;
}

/** Whether a run can do nothing on a host any more: its epoch there is over. */
export function hasLost(
  run: RunId,
  { epoch }: Pick<HostPlan, 'epoch'>,
  { facts, state }: FoundHost,
): boolean {
  if (facts === undefined) return false;
  if (facts.run === run) return state !== undefined && SETTLED.has(state);
  return facts.epoch >= epoch;
}

/** Why the record of a run cannot be closed yet. */
export function openText(run: RunId, open: readonly HostPlan[]): string {
  const names = namesText(open.map(({ host }) => host.name));
  return `the record of run ${run} stays open: not read or not settled: ${names}`;
}

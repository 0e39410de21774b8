import type { Problem } from '../../errors/fleet-error.js';
import { placeOf } from '../../errors/render-problem.js';
import type { Host } from '../../model/hosts/host.js';
import type { Objection } from '../../model/hosts/inventory.js';
import { asHostName } from '../../model/names.js';
import { hopsOf, jumpText } from '../settings/jump.js';
import { placeLocation, problemIn } from '../yaml/place.js';
import type { HostStanding } from './resolve/resolve.js';

/**
 * What keeps hosts from being worked on: of each what its file has against it, of each what is against
 * the jump hosts on its way, and names that mean one machine. Two names of fleet's own form are a
 * mistake at once; where one of them is Ansible's, only where both are selected.
 */
export function objectionsOf(
  hosts: readonly Host[],
  standings: readonly HostStanding[],
): { readonly refused: readonly Problem[]; readonly objections: readonly Objection[] } {
  const byName = new Map(standings.map((standing) => [standing.name, standing]));
  const own = standings.flatMap(({ name, objections }) =>
    objections.map((problem): Objection => ({ hosts: [asHostName(name)], problem })),
  );
  const usable = hosts.filter((host) => byName.get(host.name)?.objections.length === 0);
  const blocked = usable.flatMap((host) => onTheWay(host, byName));
  const twins = twoNames(usable, byName);
  return {
    refused: twins.filter((each) => !each.isLater).map(({ objection }) => objection.problem),
    objections: [
      ...own,
      ...blocked,
      ...twins.filter((each) => each.isLater).map(({ objection }) => objection),
    ],
  };
}

type Standings = ReadonlyMap<string, HostStanding>;

/** A jump host that cannot be reached keeps the hosts behind it from being reached. */
function onTheWay(host: Host, standings: Standings): readonly Objection[] {
  const found: Objection[] = [];
  for (let hop = host.ssh.jump; hop !== null; hop = hop.ssh.jump) {
    const address = hopsOf(hop.name)[0]?.address ?? hop.name;
    const standing = standings.get(hop.name) ?? standings.get(address);
    for (const problem of standing?.objections ?? []) {
      const message = `${host.name} is reached through ${address}: ${problem.message}`;
      found.push({ hosts: [host.name], problem: { ...problem, message } });
    }
  }
  return found;
}

interface Twins {
  readonly objection: Objection;
  readonly isLater: boolean;
}

function twoNames(hosts: readonly Host[], standings: Standings): readonly Twins[] {
  const seen = new Map<string, Host>();
  const found: Twins[] = [];
  for (const host of hosts) {
    const { port, jump } = host.ssh;
    const reached = `${host.address.toLowerCase()} ${port} ${jumpText(jump) ?? ''}`;
    const first = seen.get(reached);
    const standing = standings.get(host.name);
    const firstStanding = first && standings.get(first.name);
    if (first === undefined) seen.set(reached, host);
    else if (standing !== undefined && firstStanding !== undefined) {
      const other = placeOf(placeLocation(firstStanding.place));
      const message = `${host.name} and ${first.name} (${other}) are one machine: ${host.address} port ${port}`;
      const problem = problemIn(standing.place, { message, hint: 'keep one of the names' });
      const isLater = [standing, firstStanding].some(({ form }) => form === 'ansible');
      found.push({ objection: { hosts: [first.name, host.name], problem }, isLater });
    }
  }
  return found;
}

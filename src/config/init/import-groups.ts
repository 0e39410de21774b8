import { address, hostNameProblem } from '../inventory/read/schema.js';
import { groupName } from '../schema/words.js';
import type { Imported, ImportedHost } from './imported.js';

interface ImportedGroup {
  readonly name: string;
  readonly hosts: readonly ImportedHost[];
}

/** The hosts of each group, with their settings in the first group that has them. */
export function importedGroups(found: Imported): {
  readonly hosts: readonly ImportedHost[];
  readonly groups: readonly ImportedGroup[];
  readonly notes: readonly string[];
} {
  const notes: string[] = [];
  const hosts = sameHosts(found.hosts.map(fit)).filter((host) => {
    const problem = hostNameProblem(host.name) ?? rangeProblem(host);
    if (problem !== null) notes.push(`host ${JSON.stringify(host.name)} is left out: ${problem}.`);
    return problem === null;
  });
  const names = [...new Set(hosts.flatMap(({ groups }) => groups))];
  const told = new Set<string>();
  const groups = names.map((name): ImportedGroup => {
    const own = hosts.filter((host) => host.groups.includes(name));
    const shown = own.map((host) => (told.has(host.name) ? { name: host.name, groups: [] } : host));
    for (const host of own) told.add(host.name);
    return { name, hosts: shown };
  });
  return { hosts, groups, notes };
}

/** With names of groups, an address and a port that the inventory takes. */
function fit(host: ImportedHost): ImportedHost {
  const groups = host.groups.map(groupNameOf);
  const { port } = host;
  const isPort = port !== undefined && Number.isInteger(port) && port > 0 && port <= 65_535;
  const isAddress = host.address !== undefined && address.safeParse(host.address).success;
  return {
    ...host,
    address: isAddress ? host.address : undefined,
    port: isPort && port !== 22 ? port : undefined,
    groups: groups.length > 0 ? groups : ['servers'],
  };
}

function groupNameOf(name: string): string {
  const fitting = name
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, 60);
  return fitting !== '' && fitting !== 'all' && groupName.safeParse(fitting).success
    ? fitting
    : 'servers';
}

/** One that is named twice, e.g. for two roles, is one host with the groups of both. */
function sameHosts(hosts: readonly ImportedHost[]): readonly ImportedHost[] {
  const byName = new Map<string, ImportedHost>();
  for (const host of hosts) {
    const before = byName.get(host.name);
    const groups = [...new Set([...(before?.groups ?? []), ...host.groups])];
    byName.set(host.name, { ...host, ...definedOf(before), groups });
  }
  return [...byName.values()];
}

const definedOf = (host: ImportedHost | undefined): Partial<ImportedHost> =>
  Object.fromEntries(Object.entries(host ?? {}).filter(([, value]) => value !== undefined));

const rangeProblem = ({ name, address: to }: ImportedHost): string | null =>
  name.includes('[') && to !== undefined ? 'a range of names has one address' : null;

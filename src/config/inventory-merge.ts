import type { Problem } from '../errors/fleet-error.js';
import { placeOf } from '../errors/render-problem.js';
import type { Host } from '../model/host.js';
import type { Group, Inventory } from '../model/inventory.js';
import { asHostName, type HostName } from '../model/names.js';
import { type GroupGraph, joinGroups } from './inventory-groups.js';
import { jumpText } from './inventory-jump.js';
import {
  type InventoryPart,
  type Layer,
  type Place,
  placeLocation,
  problemIn,
} from './inventory-layer.js';
import type { HostSources } from './inventory-profile.js';
import { type HostStanding, resolveHosts, type SshSurroundings } from './inventory-resolve.js';
import { type Settings, settingsOf, withOwn } from './inventory-settings.js';

export interface Merged {
  readonly inventory: Inventory;
  /** Where each host is first named. */
  readonly places: ReadonlyMap<HostName, Place>;
  readonly sources: ReadonlyMap<string, HostSources>;
  readonly problems: readonly Problem[];
}

/** Joins the files: a host is one host wherever it is named, in the order of its first mention. */
export async function mergeInventory(
  files: readonly InventoryPart[],
  surroundings: SshSurroundings,
): Promise<Merged> {
  const graph = joinGroups(files);
  const problems = [...graph.problems];
  const known = new Map<string, Resolved>();
  const conflicts = new Set<string>();
  const standings: HostStanding[] = [];
  for (const [name, draft] of collectHosts(files)) {
    const { settings, groups } = resolveStanding(draft, graph, known);
    const own = withOwn(draft.own, settings);
    for (const problem of conflictsOf(name, own, conflicts)) problems.push(problem);
    standings.push({ name, own, groups, place: draft.place });
  }
  const { hosts, sources, ...found } = await resolveHosts(standings, surroundings);
  const places = new Map(standings.map(({ name, place }) => [asHostName(name), place]));
  const inventory = { hosts, groups: groupsOf(hosts, graph) };
  const all = [...problems, ...found.problems, ...twoNames(hosts, places)];
  return { inventory, places, sources, problems: all };
}

interface Draft {
  readonly place: Place;
  readonly groups: Set<string>;
  /** Top layers of the files that name it, by the file's number. */
  readonly files: Map<number, Layer>;
  readonly own: Layer[];
}

function collectHosts(files: readonly InventoryPart[]): ReadonlyMap<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const [number, file] of files.entries()) {
    for (const group of [{ name: null, hosts: file.hosts }, ...file.groups]) {
      for (const { name, place, layer } of group.hosts) {
        const draft: Draft = drafts.get(name) ?? {
          place,
          groups: new Set(),
          files: new Map(),
          own: [],
        };
        drafts.set(name, draft);
        if (group.name !== null) draft.groups.add(group.name);
        draft.files.set(number, file.layer);
        if (layer.size > 0) draft.own.push(layer);
      }
    }
  }
  return drafts;
}

interface Resolved {
  readonly settings: Settings;
  /** Sorted, those above included. */
  readonly groups: readonly string[];
}

/** Hosts that stand in the same groups and files share what these say of them. */
function resolveStanding(draft: Draft, graph: GroupGraph, known: Map<string, Resolved>): Resolved {
  const names = [...draft.groups];
  const key = [...names, ...draft.files.keys()].join(' ');
  const found = known.get(key);
  if (found !== undefined) return found;
  const standing = { groups: names, files: [...draft.files.values()] };
  const all = new Set(names.flatMap((name) => [name, ...(graph.above.get(name) ?? [])]));
  const resolved = { settings: settingsOf(standing, graph), groups: [...all].sort() };
  known.set(key, resolved);
  return resolved;
}

/** Each pair of differing settings once, however many hosts it concerns. */
function conflictsOf(host: string, settings: Settings, reported: Set<string>): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [key, [first, second]] of settings) {
    if (second === undefined) continue;
    const other = placeOf(placeLocation(first.place));
    const here = placeOf(placeLocation(second.place));
    const seen = `${key} ${other} ${here}`;
    if (reported.has(seen)) continue;
    reported.add(seen);
    problems.push(
      problemIn(second.place, {
        message: `${key} of ${host} is ${second.value} here and ${first.value} at ${other}`,
        hint: 'say which holds at the host, or at a group that only one of them holds',
      }),
    );
  }
  return problems;
}

function twoNames(
  hosts: readonly Host[],
  places: ReadonlyMap<HostName, Place>,
): readonly Problem[] {
  const seen = new Map<string, Host>();
  const problems: Problem[] = [];
  for (const host of hosts) {
    const { port, jump } = host.ssh;
    const reached = `${host.address.toLowerCase()} ${port} ${jumpText(jump) ?? ''}`;
    const first = seen.get(reached);
    const place = places.get(host.name);
    const firstPlace = first && places.get(first.name);
    if (first === undefined) seen.set(reached, host);
    else if (place !== undefined && firstPlace !== undefined) {
      const other = placeOf(placeLocation(firstPlace));
      const message = `${host.name} and ${first.name} (${other}) are one machine: ${host.address} port ${port}`;
      problems.push(problemIn(place, { message, hint: 'keep one of the names' }));
    }
  }
  return problems;
}

function groupsOf(hosts: readonly Host[], graph: GroupGraph): ReadonlyMap<string, Group> {
  const members = new Map<string, HostName[]>([...graph.parts.keys()].map((name) => [name, []]));
  for (const host of hosts) {
    for (const group of host.groups) members.get(group)?.push(host.name);
  }
  const groups = new Map<string, Group>();
  const children = [...graph.parts.keys()];
  groups.set('all', { name: 'all', children, hosts: hosts.map((host) => host.name) });
  for (const [name, parts] of graph.parts) {
    const below = new Set(parts.flatMap((part) => part.children.map((child) => child.name)));
    groups.set(name, { name, children: [...below], hosts: members.get(name) ?? [] });
  }
  return groups;
}

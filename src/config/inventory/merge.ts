import type { Problem } from '../../errors/fleet-error.js';
import { placeOf } from '../../errors/render-problem.js';
import type { Host } from '../../model/hosts/host.js';
import type { Group, Inventory } from '../../model/hosts/inventory.js';
import { asHostName, type HostName } from '../../model/names.js';
import { type Place, placeLocation, problemIn } from '../yaml/place.js';
import { objectionsOf } from './objections.js';
import type { InventoryPart, Layer } from './read/parts.js';
import { type GroupGraph, joinGroups } from './resolve/groups.js';
import type { HostSources } from './resolve/profile.js';
import { type HostStanding, resolveHosts, type SshSurroundings } from './resolve/resolve.js';
import { type Settings, settingsOf, withOwn } from './resolve/settings.js';

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
  const known: KnownStandings = { numbers: new Map(), resolved: new Map() };
  const conflicts = new Set<string>();
  const standings: HostStanding[] = [];
  for (const [name, draft] of collectHosts(files)) {
    const { settings, groups } = resolveStanding(draft, graph, known);
    const own = withOwn(draft.own, settings);
    for (const problem of conflictsOf(name, own, conflicts)) problems.push(problem);
    const { place, form, objections } = draft;
    standings.push({ name, own, groups, place, form, objections });
  }
  const { hosts, sources, ...found } = await resolveHosts(standings, surroundings);
  const places = new Map(standings.map(({ name, place }) => [asHostName(name), place]));
  const { refused, objections } = objectionsOf(hosts, standings);
  const inventory = { hosts, groups: groupsOf(hosts, graph), objections };
  return { inventory, places, sources, problems: [...problems, ...found.problems, ...refused] };
}

interface Draft {
  readonly place: Place;
  /** Of the file that names it first. */
  readonly form: InventoryPart['form'];
  readonly objections: Problem[];
  readonly groups: Set<string>;
  /** Top layers of the files that name it, by the file's number. */
  readonly files: Map<number, Layer>;
  readonly own: Layer[];
}

function collectHosts(files: readonly InventoryPart[]): ReadonlyMap<string, Draft> {
  const drafts = new Map<string, Draft>();
  for (const [number, file] of files.entries()) {
    for (const group of [{ name: null, hosts: file.hosts }, ...file.groups]) {
      for (const { name, place, layer, base, objections } of group.hosts) {
        const draft: Draft = drafts.get(name) ?? {
          place,
          form: file.form,
          objections: [],
          groups: new Set(),
          files: new Map(),
          own: [],
        };
        drafts.set(name, draft);
        if (group.name !== null) draft.groups.add(group.name);
        if (base !== undefined || !draft.files.has(number)) {
          draft.files.set(number, base ?? file.layer);
        }
        if (layer.size > 0) draft.own.push(layer);
        draft.objections.push(...(objections ?? []));
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

interface KnownStandings {
  readonly numbers: Map<Layer, number>;
  readonly resolved: Map<string, Resolved>;
}

/** Hosts that are in the same groups and files share their settings. */
function resolveStanding(draft: Draft, graph: GroupGraph, known: KnownStandings): Resolved {
  const names = [...draft.groups];
  const files = [...draft.files.values()];
  const key = JSON.stringify([names, files.map((layer) => numberOf(known.numbers, layer))]);
  const found = known.resolved.get(key);
  if (found !== undefined) return found;
  const standing = { groups: names, files };
  const all = new Set(names.flatMap((name) => [name, ...(graph.above.get(name) ?? [])]));
  const resolved = { settings: settingsOf(standing, graph), groups: [...all].sort() };
  known.resolved.set(key, resolved);
  return resolved;
}

function numberOf(numbers: Map<Layer, number>, layer: Layer): number {
  const number = numbers.get(layer) ?? numbers.size;
  numbers.set(layer, number);
  return number;
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
        hint: 'set it on the host itself to choose one of the two values',
      }),
    );
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

import { suggest } from '../../../errors/did-you-mean.js';
import type { Problem } from '../../../errors/fleet-error.js';
import { placeOf } from '../../../errors/render-problem.js';
import { fold } from '../../../model/text/group-by.js';
import { placeLocation, problemIn } from '../../yaml/place.js';
import type { GroupPart, InventoryPart } from '../read/parts.js';

/** The groups of all files by name; a group may be in several files. */
export interface GroupGraph {
  /** In the order of files and of the groups in them. */
  readonly parts: ReadonlyMap<string, readonly GroupPart[]>;
  /** Every group that holds this one, directly or not. */
  readonly above: ReadonlyMap<string, ReadonlySet<string>>;
  readonly problems: readonly Problem[];
}

/** Joins the groups of all files; unknown children, circles and names taken twice are problems. */
export function joinGroups(files: readonly InventoryPart[]): GroupGraph {
  const all = files.flatMap((file) => file.groups);
  const parts = new Map(fold(all, ({ name }) => name).map((same) => [same[0].name, same]));
  const parents = new Map<string, string[]>([...parts.keys()].map((name) => [name, []]));
  for (const part of [...parts.values()].flat()) {
    for (const child of part.children) parents.get(child.name)?.push(part.name);
  }
  const above = new Map([...parts.keys()].map((name) => [name, ancestors(name, parents)]));
  const problems = [
    ...unknownChildren(parts),
    ...circles(parts, above),
    ...nameClashes(files, parts),
  ];
  return { parts, above, problems };
}

type Parts = ReadonlyMap<string, readonly GroupPart[]>;

function ancestors(name: string, parents: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const open = [...(parents.get(name) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    for (const parent of parents.get(next) ?? []) open.push(parent);
  }
  return found;
}

function unknownChildren(parts: Parts): readonly Problem[] {
  const children = [...parts.values()].flat().flatMap((part) => part.children);
  return children
    .filter((child) => !parts.has(child.name))
    .map((child) => {
      const hint = suggest(child.name, [...parts.keys()]);
      return problemIn(child.place, { message: `there is no group ${child.name}`, hint });
    });
}

/** One problem a circle, at the first child that closes it. */
function circles(
  parts: Parts,
  above: ReadonlyMap<string, ReadonlySet<string>>,
): readonly Problem[] {
  const reported = new Set<string>();
  const problems: Problem[] = [];
  for (const part of [...parts.values()].flat()) {
    for (const child of part.children) {
      const circular = child.name === part.name || above.get(part.name)?.has(child.name) === true;
      if (!circular || reported.has(part.name) || reported.has(child.name)) continue;
      const members = [...parts.keys()].filter(
        (name) => above.get(name)?.has(name) === true && above.get(name)?.has(part.name) === true,
      );
      for (const name of [part.name, child.name, ...members]) reported.add(name);
      const message = `${part.name} holds ${child.name}, which holds ${part.name}: a circle`;
      problems.push(problemIn(child.place, { message }));
    }
  }
  return problems;
}

function nameClashes(files: readonly InventoryPart[], parts: Parts): readonly Problem[] {
  const hosts = files.flatMap((file) =>
    [...file.hosts, ...file.groups.flatMap((group) => group.hosts)].map((host) => ({ host, file })),
  );
  const implicit = (parts.get('all') ?? []).map((part) =>
    problemIn(part.place, {
      message: 'group all is built in and has every host',
      hint: 'put values for every host at the top of the file',
    }),
  );
  const clashing = hosts.filter(
    ({ host, file }) => host.name === 'all' || (parts.has(host.name) && !allows(file, host.name)),
  );
  const byName = new Map(clashing.map(({ host }) => [host.name, host]));
  const taken = [...byName.values()].map((host) => {
    const group = parts.get(host.name)?.[0];
    const where = group === undefined ? '' : `, at ${placeOf(placeLocation(group.place))}`;
    return problemIn(host.place, { message: `${host.name} is the name of a group too${where}` });
  });
  return [...implicit, ...taken];
}

/** Ansible lets a host have the name of a group. */
const allows = (file: InventoryPart, name: string): boolean =>
  file.form === 'ansible' && file.groups.some((group) => group.name === name);

import type { Problem } from '../errors/fleet-error.js';
import { placeOf } from '../errors/render-problem.js';
import type { HostName } from '../model/names.js';
import { namesText } from '../model/text/name-ranges.js';
import { type Config, type Configs, resolveApp } from './fleet/file.js';
import type { LoadedInventory } from './inventory/load.js';
import { nodeAt } from './yaml/node.js';
import { locate, problemAt } from './yaml/source-text.js';

/** What fleet makes below a root, where no other app may have its own. */
const PARTS = ['releases', 'current', 'shared', '.fleet'];

/**
 * Two apps with one root on one host: the releases of the one would be those of the other. A root in
 * what fleet makes below another root is no better.
 */
export function sharedRoots(configs: Configs, inventory: LoadedInventory): readonly Problem[] {
  return configs.flatMap((config, index) =>
    configs.slice(0, index).flatMap((other) => sharedBy(other, config, inventory)),
  );
}

function sharedBy(first: Config, second: Config, inventory: LoadedInventory): readonly Problem[] {
  const environments = new Set([...first.environments.keys(), ...second.environments.keys()]);
  for (const group of [null, ...environments]) {
    const hosts = hostsOf(inventory, group, [first, second]);
    if (hosts.length === 0) continue;
    const chosen = group === null ? [] : [group];
    const roots = [resolveApp(first, chosen).root, resolveApp(second, chosen).root] as const;
    if (!overlap(...roots) && !overlap(roots[1], roots[0])) continue;
    return [sharedRoot([first, second], roots, { hosts, group })];
  }
  return [];
}

/** Whether the second root is the first, or lies in a part of it that is fleet's. */
const overlap = (root: string, other: string): boolean =>
  root === other || PARTS.some((part) => `${other}/`.startsWith(`${root}/${part}/`));

/** The hosts that may have all of these apps. */
function hostsOf(
  inventory: LoadedInventory,
  group: string | null,
  configs: readonly Config[],
): readonly HostName[] {
  const limits = [...(group === null ? [] : [[group]]), ...configs.flatMap(groupsOf)];
  const sets = limits.map(
    (names) => new Set(names.flatMap((name) => inventory.groups.get(name)?.hosts ?? [])),
  );
  const names = inventory.hosts.map(({ name }) => name);
  return names.filter((name) => sets.every((set) => set.has(name)));
}

const groupsOf = ({ groups }: Config): readonly (readonly string[])[] =>
  groups === null ? [] : [groups];

function sharedRoot(
  [first, second]: readonly [Config, Config],
  [rootOfFirst, root]: readonly [string, string],
  where: { readonly hosts: readonly HostName[]; readonly group: string | null },
): Problem {
  const { yaml } = second;
  const at = rootSpan(second, where.group);
  const other = placeOf(locate(first.yaml.source, rootSpan(first, where.group)));
  const what =
    root === rootOfFirst ? `the same root, ${root}` : `roots of which one is inside the other`;
  return problemAt(yaml.source, at, {
    message: `${first.app.name} (${other}) and ${second.app.name} have ${what}, on ${namesText(where.hosts, 60)}`,
    hint: 'give each app a root of its own, or groups: that have no host in common',
  });
}

function rootSpan({ yaml }: Config, group: string | null) {
  const paths = [...(group === null ? [] : [['environments', group, 'root']]), ['root']];
  const found = paths.map((path) => yaml.root && nodeAt(yaml.root, path)).find(Boolean);
  return found?.node.span ?? { start: 0, end: 0 };
}

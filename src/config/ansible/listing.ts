import { type MapEntry, nodeAt, type YamlNode } from '../yaml/node.js';
import {
  type AnsibleReading,
  addNamed,
  assign,
  groupNamed,
  hold,
  placeIn,
  refuse,
  variableOf,
} from './reading.js';

const PARTS = ['hosts', 'vars', 'children'];

/** Whether a listing has the variables of its hosts; if not, each is asked for with `--host`. */
export const hasHostVars = (root: YamlNode): boolean =>
  nodeAt(root, ['_meta', 'hostvars']) !== null;

/**
 * Reads what an inventory program prints with `--list`: groups with lists of `hosts` and `children`,
 * and the variables of hosts below `_meta`. Returns the names of its hosts.
 */
export function readListing(reading: AnsibleReading, root: YamlNode): readonly string[] {
  if (root.kind !== 'map') {
    refuse(reading, placeIn(reading, root.span), 'a map of groups is needed here');
    return [];
  }
  const hosts = new Set<string>();
  for (const [name, entry] of root.entries) {
    if (name !== '_meta') for (const host of readGroup(reading, name, entry)) hosts.add(host);
  }
  const meta = nodeAt(root, ['_meta', 'hostvars'])?.node;
  for (const host of hosts) {
    const vars = meta?.kind === 'map' ? meta.entries.get(host)?.node : undefined;
    if (vars !== undefined) readHostVars(reading, host, vars);
  }
  return [...hosts];
}

/** The variables of one host, as `--host` prints them, or `_meta` has them. */
export function readHostVars(reading: AnsibleReading, host: string, vars: YamlNode): void {
  if (vars.kind !== 'map') {
    if (vars.kind === 'scalar' && vars.value === null) return;
    return refuse(reading, placeIn(reading, vars.span), 'a map of variables is needed here');
  }
  for (const [key, { node }] of vars.entries) {
    assign(reading, host, [key, variableOf(node, reading.source)]);
  }
}

function readGroup(reading: AnsibleReading, name: string, entry: MapEntry): readonly string[] {
  const place = placeIn(reading, entry.keySpan);
  const group = groupNamed(reading, name, place);
  if (group === null) return [];
  const { node } = entry;
  const isShort = node.kind === 'map' && !PARTS.some((part) => node.entries.has(part));
  // A map of anything else is short for a host of the group's name, and variables of both.
  if (isShort) addNamed(reading, group, { name, port: null, place });
  const part = (key: string): YamlNode | undefined =>
    node.kind === 'map' ? node.entries.get(key)?.node : undefined;
  const listed = listOf(reading, node.kind === 'map' ? part('hosts') : node, 'hosts');
  for (const host of listed) addNamed(reading, group, { ...host, port: null });
  const vars = isShort ? node : part('vars');
  if (vars !== undefined) readHostVars(reading, name, vars);
  for (const child of listOf(reading, part('children'), 'groups')) {
    const below = groupNamed(reading, child.name, child.place);
    if (below !== null) hold(reading, group, { child: below, place: child.place });
  }
  return [...(isShort ? [name] : []), ...listed.map((host) => host.name)];
}

function listOf(reading: AnsibleReading, node: YamlNode | undefined, what: string) {
  if (node === undefined) return [];
  const items = node.kind === 'list' ? node.items.filter((item) => item.kind === 'scalar') : null;
  if (items === null)
    refuse(reading, placeIn(reading, node.span), `a list of ${what} is needed here`);
  return (items ?? []).map(({ value, span }) => ({
    name: String(value),
    place: placeIn(reading, span),
  }));
}

import { suggest } from '../errors/did-you-mean.js';
import { expandHostRange } from '../model/host-range.js';
import { type AnsibleReading, mapOf, placeIn, readVars } from './inventory-ansible-vars.js';
import { type GroupPart, type HostMention, problemIn, type ReadPart } from './inventory-layer.js';
import { groupNameProblem, hostNameProblem } from './inventory-schema.js';
import type { LocalBase } from './release-source.js';
import type { Span } from './source-text.js';
import type { YamlFile } from './yaml-file.js';
import type { MapEntry, YamlNode } from './yaml-node.js';

/** Ansible's YAML form is told by its top key. */
export function isAnsible(yaml: YamlFile): boolean {
  return yaml.root?.kind === 'map' && yaml.root.entries.has('all');
}

/** Reads an inventory in Ansible's YAML form: `all:` with `hosts`, `children` and `vars`. */
export function readAnsible(yaml: YamlFile, base: LocalBase): ReadPart {
  const reading: AnsibleReading = { source: yaml.source, base, problems: [...yaml.problems] };
  const top = yaml.root?.kind === 'map' ? [...yaml.root.entries] : [];
  const all = top.find(([name]) => name === 'all')?.[1].node;
  const { hosts, layer, below } = readBody(reading, all);
  const others = top.filter(([name]) => name !== 'all');
  const groups = [...below, ...others].flatMap(([name, entry]) => readGroup(reading, name, entry));
  return { part: { layer, hosts, groups }, problems: reading.problems };
}

const BODY = ['hosts', 'children', 'vars'];

function readBody(reading: AnsibleReading, node: YamlNode | undefined) {
  const entries = new Map(mapOf(reading, node, 'hosts, children and vars'));
  for (const [key, { keySpan }] of entries) {
    if (BODY.includes(key)) continue;
    const words = { message: `unknown key ${key}`, hint: suggest(key, BODY) };
    reading.problems.push(problemIn(placeIn(reading, keySpan), words));
  }
  const hosts = mapOf(reading, entries.get('hosts')?.node, 'hosts');
  return {
    layer: readVars(reading, entries.get('vars')?.node),
    hosts: hosts.flatMap(([name, { keySpan, node: vars }]) =>
      readHosts(reading, { name, span: keySpan, vars }),
    ),
    below: mapOf(reading, entries.get('children')?.node, 'groups'),
  };
}

/** A group, then those written inside of it. */
function readGroup(reading: AnsibleReading, name: string, entry: MapEntry): readonly GroupPart[] {
  const { hosts, layer, below } = readBody(reading, entry.node);
  const place = placeIn(reading, entry.keySpan);
  const message = groupNameProblem(name);
  if (message !== null) reading.problems.push(problemIn(place, { message }));
  const children = below.map(([child, { keySpan }]) => ({
    name: child,
    place: placeIn(reading, keySpan),
  }));
  const inside = below.flatMap(([child, each]) => readGroup(reading, child, each));
  return [{ name, place, layer, hosts, children }, ...inside];
}

/** The hosts of one name, which may have ranges. */
export function readHosts(
  reading: AnsibleReading,
  host: { readonly name: string; readonly span: Span; readonly vars: YamlNode | undefined },
): readonly HostMention[] {
  const place = placeIn(reading, host.span);
  const layer = readVars(reading, host.vars);
  const problem = hostNameProblem(host.name);
  const range = expandHostRange(host.name);
  if (problem === null && range.kind === 'names') {
    return range.names.map((name) => ({ name, place, layer }));
  }
  reading.problems.push(problemIn(place, { message: problem ?? 'not a host name' }));
  return [];
}

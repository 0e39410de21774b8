import type { Problem } from '../../../errors/fleet-error.js';
import { expandHostRange } from '../../../model/text/host-range.js';
import type { LocalBase } from '../../paths/local-path.js';
import { validate } from '../../schema/problem.js';
import type { YamlFile } from '../../yaml/file.js';
import { nearestTo, type Path } from '../../yaml/node.js';
import { type Place, problemIn } from '../../yaml/place.js';
import { type GroupPart, type HostMention, type Layer, layerOf, type ReadPart } from './parts.js';
import { type GroupYaml, type HostYaml, inventorySchema } from './schema.js';

/** Reads an inventory in fleet's own form. */
export function readNative(yaml: YamlFile, base: LocalBase): ReadPart {
  const { value, problems } = validate(yaml, inventorySchema);
  if (value === null) return { part: null, problems };
  const reading: Reading = { yaml, base, problems: [] };
  const groups = Object.entries(value.groups ?? {}).map(([name, group]) =>
    readGroup(reading, name, group),
  );
  const layer = layerOf(value, base, (...path) => placeAt(reading, path));
  return { part: { layer, hosts: [], groups }, problems: reading.problems };
}

interface Reading {
  readonly yaml: YamlFile;
  readonly base: LocalBase;
  readonly problems: Problem[];
}

function placeAt({ yaml }: Reading, path: Path): Place {
  if (yaml.root === null) return { source: yaml.source, span: { start: 0, end: 0 } };
  const { node, keySpan } = nearestTo(yaml.root, path);
  return { source: yaml.source, span: node.kind === 'scalar' ? node.span : (keySpan ?? node.span) };
}

function readGroup(reading: Reading, name: string, group: GroupYaml): GroupPart {
  const at: Path = ['groups', name];
  return {
    name,
    place: placeAt(reading, at),
    layer: layerOf(group, reading.base, (...path) => placeAt(reading, [...at, ...path])),
    hosts: (group.hosts ?? []).flatMap((host, index) =>
      readHost(reading, [...at, 'hosts', index], host),
    ),
    children: (group.children ?? []).map((child, index) => ({
      name: child,
      place: placeAt(reading, [...at, 'children', index]),
    })),
  };
}

function readHost(reading: Reading, at: Path, host: string | HostYaml): readonly HostMention[] {
  const entry: HostYaml = typeof host === 'string' ? { name: host } : host;
  const namePlace = placeAt(reading, typeof host === 'string' ? at : [...at, 'name']);
  const names = expand(entry.name);
  const shared = hostLayer(reading, at, entry);
  if (entry.address === undefined)
    return names.map((name) => ({ name, place: namePlace, layer: shared }));
  const place = placeAt(reading, [...at, 'address']);
  const addresses = expand(entry.address);
  if (addresses.length !== names.length) {
    const message = `${addresses.length} addresses for ${names.length} names`;
    reading.problems.push(
      problemIn(place, { message, hint: 'give name and address the same ranges' }),
    );
  }
  return names.map((name, index) => {
    const layer = new Map(shared).set('address', { value: addresses[index] ?? name, place });
    return { name, place: namePlace, layer };
  });
}

/** `port:` and `user:` of a host are short for those of its `ssh:`. */
function hostLayer(reading: Reading, at: Path, host: HostYaml): Layer {
  const layer = layerOf(host, reading.base, (...path) => placeAt(reading, [...at, ...path]));
  for (const key of ['port', 'user'] as const) {
    const value = host[key];
    if (value === undefined) continue;
    const place = placeAt(reading, [...at, key]);
    const other = layer.get(`ssh.${key}`);
    if (other !== undefined && other.value !== value) {
      const message = `${key} and ssh.${key} of this host differ: ${value} and ${other.value}`;
      reading.problems.push(problemIn(place, { message }));
    }
    layer.set(`ssh.${key}`, { value, place });
  }
  return layer;
}

/** The schema has seen to it that the pattern is one. */
function expand(pattern: string): readonly string[] {
  const range = expandHostRange(pattern);
  return range.kind === 'names' ? range.names : [];
}

import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { readHosts } from './inventory-ansible.js';
import { type AnsibleReading, mapOf, placeIn, readVars } from './inventory-ansible-vars.js';
import { type GroupPart, type HostMention, problemIn, type ReadPart } from './inventory-layer.js';
import { groupNameProblem } from './inventory-schema.js';
import type { LocalBase } from './release-source.js';
import { readYaml, type YamlFile } from './yaml-file.js';
import { type MapEntry, nodeAt, type YamlNode } from './yaml-node.js';

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

type Outcome = { readonly text: string } | { readonly failure: string };

/** Runs an inventory program with `--list` and reads what it prints, Ansible's JSON form. */
export async function readProgram(
  program: { readonly path: string; readonly shown: string },
  base: LocalBase,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadPart> {
  const outcome = await run(program.path, env);
  if ('failure' in outcome) {
    const message = `${program.shown}: ${outcome.failure}`;
    return { part: null, problems: [{ message, hint: `try: ${program.shown} --list` }] };
  }
  return readListing(readYaml(`${program.shown} (output)`, outcome.text), base);
}

function run(path: string, env: Readonly<Record<string, string | undefined>>): Promise<Outcome> {
  const options = {
    cwd: dirname(path),
    env: { ...env },
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT,
  };
  return new Promise((settle) => {
    const child = execFile(path, ['--list'], options, (error, stdout, stderr) => {
      if (error === null) return settle({ text: stdout });
      const last = stderr.trim().split('\n').at(-1) ?? '';
      const how =
        error.killed === true ? 'gave no answer in time' : `failed: ${last || error.message}`;
      settle({ failure: `the inventory program ${how}` });
    });
    child.stdin?.end();
  });
}

function readListing(yaml: YamlFile, base: LocalBase): ReadPart {
  const reading: AnsibleReading = { source: yaml.source, base, problems: [...yaml.problems] };
  if (yaml.root === null) return { part: null, problems: reading.problems };
  const vars = nodeAt(yaml.root, ['_meta', 'hostvars'])?.node;
  const names = mapOf(reading, yaml.root, 'groups').filter(([name]) => name !== '_meta');
  const groups = names.map(([name, entry]) => readGroup(reading, { name, entry, vars }));
  const all = groups.find((group) => group.name === 'all');
  const part = {
    layer: all?.layer ?? new Map(),
    hosts: all?.hosts ?? [],
    groups: groups.filter((group) => group.name !== 'all').map(known(names.map(([name]) => name))),
  };
  return { part, problems: reading.problems };
}

/** Programs name empty groups, `ungrouped` above all, that they say nothing else of. */
const known =
  (names: readonly string[]) =>
  (group: GroupPart): GroupPart => ({
    ...group,
    children: group.children.filter((child) => names.includes(child.name)),
  });

function readGroup(
  reading: AnsibleReading,
  group: { readonly name: string; readonly entry: MapEntry; readonly vars: YamlNode | undefined },
): GroupPart {
  const { node } = group.entry;
  const place = placeIn(reading, group.entry.keySpan);
  const message = groupNameProblem(group.name);
  if (message !== null) reading.problems.push(problemIn(place, { message }));
  const body = node.kind === 'list' ? new Map() : new Map(mapOf(reading, node, 'hosts'));
  const names = listOf(node.kind === 'list' ? node : body.get('hosts')?.node);
  const hosts = names.flatMap(({ value, span }): readonly HostMention[] => {
    const name = String(value);
    const vars = group.vars && nodeAt(group.vars, [name])?.node;
    return readHosts(reading, { name, span, vars });
  });
  const children = listOf(body.get('children')?.node).map(({ value, span }) => ({
    name: String(value),
    place: placeIn(reading, span),
  }));
  return {
    name: group.name,
    place,
    layer: readVars(reading, body.get('vars')?.node),
    hosts,
    children,
  };
}

const listOf = (node: YamlNode | undefined) =>
  node?.kind === 'list' ? node.items.filter((item) => item.kind === 'scalar') : [];

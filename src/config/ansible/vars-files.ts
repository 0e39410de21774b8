import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Problem } from '../../errors/fleet-error.js';
import type { YamlNode } from '../yaml/node.js';
import { problemIn } from '../yaml/place.js';
import type { AnsibleData, Variable, Variables } from './data.js';
import { isVault, readDialect } from './form.js';
import { variableOf } from './reading.js';
import type { SourceVars } from './variables.js';

/** How files are reached beside those that a person names. */
export interface FileAccess {
  /** Refuses a file that another user could have written. */
  readonly trust: (path: string) => Promise<void>;
  readonly show: (path: string) => string;
}

export interface ReadVars extends SourceVars {
  readonly problems: readonly Problem[];
  /** Every file that was read, and those that ansible-vault has encrypted. */
  readonly files: readonly string[];
  readonly encrypted: readonly string[];
}

interface Reading extends FileAccess {
  readonly problems: Problem[];
  readonly files: string[];
  readonly encrypted: string[];
}

/** In the order in which Ansible looks: the first that is there is the only one, a file or a folder. */
const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

/** Reads `group_vars` and `host_vars` below a folder, for the groups and hosts that there are. */
export async function readVarsFiles(
  folder: string,
  data: AnsibleData,
  access: FileAccess,
): Promise<ReadVars> {
  const reading: Reading = { ...access, problems: [], files: [], encrypted: [] };
  const groups = await readFolder(reading, join(folder, 'group_vars'), data.groups.keys());
  const hosts = await readFolder(reading, join(folder, 'host_vars'), data.hosts.keys());
  return { ...reading, groups, hosts };
}

async function readFolder(
  reading: Reading,
  folder: string,
  owners: Iterable<string>,
): Promise<ReadonlyMap<string, Variables>> {
  const found = new Map<string, Variables>();
  const present = new Set(await readdir(folder).catch(() => []));
  if (present.size === 0) return found;
  for (const owner of owners) {
    const name = EXTENSIONS.map((extension) => owner + extension).find((each) => present.has(each));
    if (name === undefined) continue;
    const vars = new Map<string, Variable>();
    for (const path of await filesBelow(join(folder, name))) await readInto(reading, path, vars);
    found.set(owner, vars);
  }
  return found;
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) return [path];
  const files: string[] = [];
  for (const name of (await readdir(path)).sort()) {
    if (name.startsWith('.') || name.endsWith('~')) continue;
    const inside = join(path, name);
    const isFolder = (await stat(inside).catch(() => null))?.isDirectory() === true;
    if (isFolder && extname(name) === '') files.push(...(await filesBelow(inside)));
    else if (!isFolder && EXTENSIONS.includes(extname(name))) files.push(inside);
  }
  return files;
}

async function readInto(
  reading: Reading,
  path: string,
  vars: Map<string, Variable>,
): Promise<void> {
  await reading.trust(path);
  const shown = reading.show(path);
  const text = await readFile(path, 'utf8').catch((error: Error) => error);
  if (text instanceof Error) {
    reading.problems.push({ message: `${shown} cannot be read: ${text.message}` });
    return;
  }
  reading.files.push(path);
  if (isVault(text)) {
    reading.encrypted.push(shown);
    return;
  }
  const yaml = readDialect(shown, text);
  if (yaml.isEmpty === true || (yaml.root !== null && isFalse(yaml.root))) return;
  reading.problems.push(...yaml.problems);
  if (yaml.root === null) return;
  if (yaml.root.kind === 'map') {
    for (const [name, { node }] of yaml.root.entries) vars.set(name, variableOf(node, yaml.source));
  } else {
    const place = { source: yaml.source, span: yaml.root.span };
    reading.problems.push(problemIn(place, { message: 'a map of variables is needed here' }));
  }
}

/** A value that is false for Python means no variables. */
const isFalse = (node: YamlNode): boolean =>
  node.kind === 'scalar' ? !node.value : node.kind === 'list' && node.items.length === 0;

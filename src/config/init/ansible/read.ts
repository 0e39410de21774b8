import type { Host } from '../../../model/hosts/host.js';
import type { Imported, ImportedHost, ImportFile } from '../imported.js';
import { LeftOuts } from '../script/left-out.js';
import { fillTemplate } from '../script/template.js';
import { textsOf, type Value } from '../script/value.js';
import { readYamlValues } from '../script/yaml-values.js';

export interface AnsibleFiles {
  /** Playbooks and files of variables. */
  readonly files: readonly ImportFile[];
  /** As fleet reads the inventory. */
  readonly hosts: readonly Host[];
}

/** The variables of Ansistrano that are used. */
const USED = new Set(
  'deploy_to keep_releases shared_paths shared_files git_branch git_repo deploy_via deploy_from'.split(
    ' ',
  ),
);

/** Reads an inventory of Ansible, and the variables of Ansistrano. */
export function readAnsible({ files, hosts }: AnsibleFiles): Imported {
  const found = inventoryVariables(hosts);
  const lefts = files.map((file) => {
    const left = new LeftOuts(file.name, file.text);
    for (const [name, value, line] of variablesOf(file)) found.set(name, { value, left, line });
    return left;
  });
  const text = (name: string): string | null =>
    filled(found.get(`ansistrano_${name}`)?.value, found);
  const list = (name: string): readonly string[] =>
    textsOf(found.get(`ansistrano_${name}`)?.value) ?? [];
  for (const [name, { value, left, line }] of found) {
    const key = name.replace(/^ansistrano_/, '');
    const isText = typeof value === 'string';
    if (left === null) continue;
    if (!USED.has(key)) left.add(line, reasonFor(key));
    else if (isText && filled(value, found) === null) {
      left.add(line, {
        why: 'it is a template that fleet cannot fill in',
        todo: 'write its value into fleet.yaml',
      });
    }
  }
  const root = text('deploy_to');
  const keep = Number(found.get('ansistrano_keep_releases')?.value ?? 0);
  return {
    tool: 'Ansible',
    app:
      root
        ?.split('/')
        .filter((part) => part !== '')
        .at(-1) ?? null,
    root,
    keep: Number.isSafeInteger(keep) && keep > 0 ? keep : null,
    shared: [
      ...list('shared_paths').map((path) => `${path.replace(/\/+$/, '')}/`),
      ...list('shared_files'),
    ],
    unit: null,
    branch: text('git_branch'),
    repository: text('git_repo'),
    user: null,
    port: null,
    identityFile: null,
    jump: null,
    hosts: hosts.map(importedHost),
    notes: [
      'fleet reads inventories of Ansible as they are: -i PATH in place of the inventory written here does the same.',
      ...(root === null
        ? ['No variable of Ansistrano was found: root and shared are to be written.']
        : []),
    ],
    leftOut: lefts.flatMap((left) => left.found),
  };
}

function importedHost({ name, address, ssh, groups }: Host): ImportedHost {
  return {
    name,
    address: address === name ? undefined : address,
    user: ssh.user,
    port: ssh.port === 22 ? undefined : ssh.port,
    groups: groups.filter((group) => group !== 'all' && group !== 'ungrouped'),
  };
}

interface Found {
  readonly value: Value;
  /** Where it is left out if fleet has no use for it; null if it is of the inventory, which is read as it is. */
  readonly left: LeftOuts | null;
  readonly line: number;
}

/** The variables of Ansistrano that the inventory has, of the first host that has each. Those of plays come before them. */
function inventoryVariables(hosts: readonly Host[]): Map<string, Found> {
  const all = hosts.flatMap(({ vars }) => Object.entries(vars));
  return new Map(
    all
      .filter(([name]) => name.startsWith('ansistrano_'))
      .reverse()
      .map(([name, value]) => [name, { value, left: null, line: 0 }]),
  );
}

type Variable = readonly [name: string, value: Value, line: number];

/** The variables of Ansistrano in a file of variables, or in the plays and roles of a playbook. */
function variablesOf(file: ImportFile): readonly Variable[] {
  const yaml = readYamlValues(file);
  const plays =
    yaml.root?.kind === 'list' ? yaml.root.items : yaml.root === null ? [] : [yaml.root];
  return plays.flatMap((play) => {
    const entries = yaml.entriesOf(play);
    const vars = yaml.entriesOf(entries.get('vars')?.node);
    const roles = entries.get('roles')?.node;
    const ofRoles =
      roles?.kind === 'list' ? roles.items.flatMap((role) => [...yaml.entriesOf(role)]) : [];
    return [...entries, ...vars, ...ofRoles].flatMap(
      ([name, { value, line }]): readonly Variable[] =>
        name.startsWith('ansistrano_') ? [[name, value, line]] : [],
    );
  });
}

function filled(
  value: Value | undefined,
  all: ReadonlyMap<string, { readonly value: Value }>,
): string | null {
  if (typeof value !== 'string') return null;
  const text = fillTemplate(value, /\{\{\s*(\w+)\s*\}\}/g, (name) => all.get(name)?.value);
  return text === null || text.includes('{{') || text.includes('{%') ? null : text;
}

function reasonFor(key: string) {
  if (/tasks_file$/.test(key)) {
    return {
      why: 'it is a list of tasks',
      todo: 'write what they do on a host as a command under hooks:, see docs/hooks.md',
    };
  }
  return { why: 'fleet has no setting for it', todo: 'nothing, unless your app needs it' };
}

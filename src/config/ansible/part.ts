import type { Problem } from '../../errors/fleet-error.js';
import type { GroupPart, HostMention, InventoryPart, Layer } from '../inventory/read/parts.js';
import type { LocalBase } from '../paths/local-path.js';
import type { Setting } from '../settings/setting.js';
import { type Place, problemIn } from '../yaml/place.js';
import { sourceText } from '../yaml/source-text.js';
import { type Connection, connectionOf } from './connection.js';
import type { AnsibleData, AnsibleGroup, AnsibleHost } from './data.js';
import type { HeldVariables, VariablesOf } from './variables.js';

export interface AnsiblePart {
  readonly part: InventoryPart;
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
  /** Hosts of which only Ansible itself can work out how they are reached. */
  readonly open: readonly string[];
}

/** What of a host may have been worked out elsewhere, by its name. */
export type Answers = ReadonlyMap<string, HeldVariables>;

/** All of Ansible's files as one part of an inventory: variables become settings of hosts. */
export function partOf(
  data: AnsibleData,
  variables: VariablesOf,
  options: { readonly base: LocalBase; readonly answers: Answers },
): AnsiblePart {
  const problems = new Map<string, Problem>();
  const open: string[] = [];
  const layersOf = createLayers();
  const hosts = [...data.hosts.values()].map((host): HostMention => {
    const vars = options.answers.get(host.name) ?? variables.ofHost(host);
    const shared = variables.ofGroups(host);
    const connection = connectionOf({ name: host.name, place: host.place, vars }, options.base);
    for (const problem of connection.problems) problems.set(keyOf(problem), problem);
    if (connection.open.length > 0) open.push(host.name);
    const layers = layersOf({ vars, shared, connection });
    const { objections } = connection;
    return { name: host.name, place: host.place, ...layers, objections };
  });
  const groups = [...data.groups.values()].filter(
    (group) => group !== data.all && (group !== data.ungrouped || isUsed(group)),
  );
  return {
    part: { form: 'ansible', layer: new Map(), hosts, groups: groups.map(groupPart) },
    problems: [...problems.values()],
    notices: twice(data),
    open,
  };
}

/** `ungrouped` is always there, and mostly empty. */
const isUsed = ({ hosts, children, parents }: AnsibleGroup): boolean =>
  hosts.size > 0 || children.size > 0 || parents.size > 1;

/** One line may concern thousands of hosts. */
const keyOf = ({ location, message }: Problem): string =>
  location ? `${location.file}:${location.line}:${location.column}` : message;

function groupPart(group: AnsibleGroup): GroupPart {
  const fallback = [...group.hosts.values()][0]?.place;
  const place = group.place ?? fallback ?? NOWHERE;
  return {
    name: group.name,
    place,
    layer: new Map(),
    hosts: [...group.hosts.values()].map((host) => mentionOf(host)),
    children: [...group.children].map((child) => ({
      name: child.name,
      place: child.place ?? place,
    })),
  };
}

const mentionOf = ({ name, place }: AnsibleHost): HostMention => ({ name, place, layer: EMPTY });

const EMPTY: Layer = new Map();
/** Of a group that no file names and that has no hosts. */
const NOWHERE: Place = { source: sourceText('', ''), span: { start: 0, end: 0 } };

interface HostReading {
  readonly vars: HeldVariables;
  readonly shared: HeldVariables;
  readonly connection: Connection;
}

/** Hosts of the same groups share one layer object, so that they are resolved once. */
function createLayers() {
  const known = new Map<HeldVariables, Layer[]>();
  return ({ vars, shared, connection }: HostReading): { layer: Layer; base: Layer } => {
    const layer = new Map<string, Setting>();
    const base = new Map<string, Setting>();
    for (const [key, { value, place, rank }] of connection.settings) {
      (rank === 'host' ? layer : base).set(key, { value, place });
    }
    for (const [name, { variable, rank }] of vars) {
      const { value, form, place } = variable;
      if (NOT_DATA.test(name) || (form !== 'plain' && form !== 'unsafe')) continue;
      (rank === 'host' ? layer : base).set(`vars.${name}`, { value, place });
    }
    const alike = known.get(shared) ?? [];
    known.set(shared, alike);
    const same = alike.find((each) => isSame(each, base));
    if (same === undefined && alike.length < MAX_ALIKE) alike.push(base);
    return { layer, base: same ?? base };
  };
}

/** Where templates make a different layer for each host, nothing can be shared. */
const MAX_ALIKE = 8;

function isSame(one: Layer, other: Layer): boolean {
  if (one.size !== other.size) return false;
  for (const [key, { value, place }] of one) {
    const setting = other.get(key);
    if (setting === undefined || setting.place.span !== place.span) return false;
    if (String(setting.value) !== String(value)) return false;
  }
  return true;
}

/** Ansible's own settings mean nothing here, and passwords are among them. */
const NOT_DATA =
  /^(?:ansible_.*|inventory_(?:hostname|hostname_short|file|dir)|group_names|groups|omit|playbook_dir)$/;

/** Ansible warns of a host with the name of a group: what such a name means is the group. */
function twice(data: AnsibleData): readonly Problem[] {
  return [...data.hosts.values()]
    .filter((host) => data.groups.has(host.name))
    .map((host) =>
      problemIn(host.place, {
        message: `${host.name} is a host and a group: -g and -l mean the group`,
      }),
    );
}

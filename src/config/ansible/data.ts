import type { ScalarValue } from '../yaml/node.js';
import type { Place } from '../yaml/place.js';

/** A variable as a file has it. */
export interface Variable {
  /** Of a list or a map null; of an encrypted value null. */
  readonly value: ScalarValue;
  /** `unsafe` is never a template, `vault` is encrypted by ansible-vault. */
  readonly form: 'plain' | 'unsafe' | 'vault' | 'structure';
  readonly place: Place;
}

export type Variables = ReadonlyMap<string, Variable>;

/** A group while inventories are read. */
export interface AnsibleGroup {
  readonly name: string;
  readonly place: Place | null;
  readonly hosts: Map<string, AnsibleHost>;
  readonly children: Set<AnsibleGroup>;
  readonly parents: Set<AnsibleGroup>;
  readonly vars: Map<string, Variable>;
  /** How far below `all` it is, by the longest way. */
  depth: number;
  /** `ansible_group_priority`: which of two groups as deep goes before the other. */
  priority: number;
}

/** A host while inventories are read. */
export interface AnsibleHost {
  readonly name: string;
  readonly place: Place;
  readonly vars: Map<string, Variable>;
  /** The groups that name it. */
  readonly groups: Set<AnsibleGroup>;
  /** `ungrouped` named it, and another group does too: the variables of `ungrouped` do not apply to it. */
  isGrouped: boolean;
}

/** What Ansible keeps of all inventory files together: a name is one thing wherever it is named. */
export interface AnsibleData {
  readonly groups: Map<string, AnsibleGroup>;
  /** In the order of their first mention. */
  readonly hosts: Map<string, AnsibleHost>;
  readonly all: AnsibleGroup;
  readonly ungrouped: AnsibleGroup;
}

export function emptyData(): AnsibleData {
  const groups = new Map<string, AnsibleGroup>();
  const [all, ungrouped] = [newGroup('all', null), newGroup('ungrouped', null)];
  groups.set('all', all).set('ungrouped', ungrouped);
  addChild(all, ungrouped);
  return { groups, hosts: new Map(), all, ungrouped };
}

const newGroup = (name: string, place: Place | null): AnsibleGroup => ({
  name,
  place,
  hosts: new Map(),
  children: new Set(),
  parents: new Set(),
  vars: new Map(),
  depth: 0,
  priority: 1,
});

export function addGroup(data: AnsibleData, name: string, place: Place): AnsibleGroup {
  const known = data.groups.get(name);
  if (known !== undefined) return known;
  const group = newGroup(name, place);
  data.groups.set(name, group);
  return group;
}

/** A port counts where the host is first named, and is ignored later, as in Ansible. */
export function addHost(
  data: AnsibleData,
  group: AnsibleGroup,
  named: { readonly name: string; readonly port: number | null; readonly place: Place },
): void {
  const { name, port, place } = named;
  const host = data.hosts.get(name) ?? {
    name,
    place,
    vars: new Map(),
    groups: new Set(),
    isGrouped: false,
  };
  if (!data.hosts.has(name)) {
    data.hosts.set(name, host);
    // A port of 0 is none to Ansible.
    if (port !== null && port !== 0)
      host.vars.set('ansible_port', { value: port, form: 'plain', place });
  }
  group.hosts.set(name, host);
  host.groups.add(group);
}

/** Puts a group into another. What is wrong with that, or null. */
export function addChild(parent: AnsibleGroup, child: AnsibleGroup): string | null {
  if (parent === child) return `${child.name} holds itself`;
  if (parent.children.has(child)) return null;
  if (ancestorsOf([parent]).has(child)) {
    return `${parent.name} holds ${child.name}, which holds ${parent.name}: a circle`;
  }
  parent.children.add(child);
  child.parents.add(parent);
  child.depth = Math.max(parent.depth + 1, child.depth);
  deepen(child);
  return null;
}

function deepen(group: AnsibleGroup): void {
  let level: ReadonlySet<AnsibleGroup> = group.children;
  for (let depth = group.depth + 1; level.size > 0; depth += 1) {
    const next = new Set<AnsibleGroup>();
    for (const each of level) {
      if (each.depth >= depth) continue;
      each.depth = depth;
      for (const child of each.children) next.add(child);
    }
    level = next;
  }
}

/** Every group that holds one of these, directly or not. */
export function ancestorsOf(groups: Iterable<AnsibleGroup>): Set<AnsibleGroup> {
  const found = new Set<AnsibleGroup>();
  const open = [...groups].flatMap((group) => [...group.parents]);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...next.parents);
  }
  return found;
}

/**
 * Sets a variable of what bears a name. A group goes before a host of the same name, also for the
 * host's own variables, as in Ansible. What is wrong with the value, or null.
 */
export function setVariable(
  data: AnsibleData,
  owner: string,
  [name, variable]: readonly [string, Variable],
): string | null {
  const group = data.groups.get(owner);
  if (group !== undefined && name === 'ansible_group_priority') {
    const priority = wholeNumber(variable);
    if (priority === null) return 'ansible_group_priority must be a whole number';
    group.priority = priority;
    return null;
  }
  const vars = group?.vars ?? data.hosts.get(owner)?.vars;
  // Python's dict keeps the first place of a key; the value is the last one.
  vars?.set(name, variable);
  return null;
}

/** As Python's `int()` has it. */
function wholeNumber({ value, form }: Variable): number | null {
  if (form === 'structure' || form === 'vault') return null;
  if (typeof value === 'number' && Number.isFinite(value)) return Math.trunc(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = typeof value === 'string' ? value.trim() : '';
  return /^[-+]?\d+(_\d+)*$/.test(text) ? Number(text.replaceAll('_', '')) : null;
}

/** Once all is read: `all` holds every group, and `ungrouped` the hosts that no other group holds. */
export function reconcile(data: AnsibleData): readonly string[] {
  const problems: string[] = [];
  for (const group of data.groups.values()) {
    if (group === data.all || group.parents.size > 0) continue;
    const problem = addChild(data.all, group);
    if (problem !== null) problems.push(problem);
  }
  for (const host of data.hosts.values()) {
    const named = [...host.groups].filter(
      (group) => group !== data.all && group !== data.ungrouped,
    );
    if (named.length === 0) {
      data.ungrouped.hosts.set(host.name, host);
      host.groups.add(data.ungrouped);
    } else if (data.ungrouped.hosts.delete(host.name)) {
      host.groups.delete(data.ungrouped);
      host.isGrouped = true;
    }
  }
  return problems;
}

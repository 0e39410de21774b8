import {
  type AnsibleData,
  type AnsibleGroup,
  type AnsibleHost,
  ancestorsOf,
  type Variable,
  type Variables,
} from './data.js';

/** The variables in files beside one inventory source, by the names of groups and hosts. */
export interface SourceVars {
  readonly groups: ReadonlyMap<string, Variables>;
  readonly hosts: ReadonlyMap<string, Variables>;
}

/** A variable as it holds for a host: said of the host itself, or of its groups. */
export interface Held {
  readonly variable: Variable;
  readonly rank: 'host' | 'groups';
}

export type HeldVariables = ReadonlyMap<string, Held>;

/** The variables of hosts. Hosts of the same groups share one map of group variables. */
export interface VariablesOf {
  /** The variables of its groups: the same map object for hosts of the same groups. */
  readonly ofGroups: (host: AnsibleHost) => HeldVariables;
  readonly ofHost: (host: AnsibleHost) => HeldVariables;
}

/**
 * Ansible's precedence, from the least to the most: `all`, then groups by depth, priority and name, as
 * the inventory has them; `group_vars` of all, then of these groups; the host's own; `host_vars`. Of
 * several sources the later one counts.
 */
export function variablesIn(data: AnsibleData, files: readonly SourceVars[]): VariablesOf {
  const known = new Map<string, HeldVariables>();
  const ofGroups = (host: AnsibleHost): HeldVariables => {
    const held = sorted([...host.groups, ...ancestorsOf(host.groups)], data.all);
    const groups = held.filter((group) => !(host.isGrouped && group === data.ungrouped));
    const key = groups.map((group) => group.name).join('\n');
    const found = known.get(key) ?? laid('groups', groupLayers({ data, groups, files }));
    known.set(key, found);
    return found;
  };
  const ofHost = (host: AnsibleHost): HeldVariables => {
    const own = [host.vars, ...files.map((source) => source.hosts.get(host.name))];
    return laid('host', own, ofGroups(host));
  };
  return { ofGroups, ofHost };
}

function groupLayers(of: {
  readonly data: AnsibleData;
  readonly groups: readonly AnsibleGroup[];
  readonly files: readonly SourceVars[];
}): readonly (Variables | undefined)[] {
  const { data, groups, files } = of;
  return [
    data.all.vars,
    ...groups.map((group) => group.vars),
    ...files.map((source) => source.groups.get('all')),
    ...files.flatMap((source) => groups.map((group) => source.groups.get(group.name))),
  ];
}

function sorted(groups: readonly AnsibleGroup[], all: AnsibleGroup): readonly AnsibleGroup[] {
  return [...new Set(groups)]
    .filter((group) => group !== all)
    .sort(
      (one, other) =>
        one.depth - other.depth ||
        one.priority - other.priority ||
        (one.name < other.name ? -1 : 1),
    );
}

function laid(
  rank: Held['rank'],
  layers: readonly (Variables | undefined)[],
  below: HeldVariables = new Map(),
): HeldVariables {
  const said = layers.filter((layer) => layer !== undefined && layer.size > 0);
  if (said.length === 0) return below;
  const held = new Map(below);
  for (const layer of said) {
    for (const [name, variable] of layer ?? []) held.set(name, { variable, rank });
  }
  return held;
}

import type { YamlNode } from '../yaml/node.js';
import type { Span } from '../yaml/source-text.js';
import type { AnsibleGroup } from './data.js';
import {
  type AnsibleReading,
  addHosts,
  assign,
  entriesOf,
  groupNamed,
  hold,
  passOver,
  placeIn,
  refuse,
  variableOf,
  warn,
} from './reading.js';

/** What a group may have in the YAML form. */
export const GROUP_KEYS: readonly string[] = ['hosts', 'children', 'vars'];

/** Reads Ansible's YAML form: each key at the top is a group, with `hosts`, `children` and `vars`. */
export function readYamlForm(reading: AnsibleReading, root: YamlNode): void {
  if (root.kind !== 'map') return;
  for (const [name, { keySpan, node }] of root.entries) {
    if (isOwnKey(name, node)) continue;
    if (isGroup(node)) readGroup(reading, { name, keySpan, node });
    else warn(reading, placeIn(reading, keySpan), `${name} is ignored: ${NO_GROUP}`);
  }
}

/** Keys at the top that begin with `x-` are the person's own, anchors above all. */
const isOwnKey = (name: string, node: YamlNode): boolean =>
  name.startsWith('x-') &&
  !(node.kind === 'map' && GROUP_KEYS.some((key) => node.entries.has(key)));

interface GroupEntry {
  readonly name: string;
  readonly keySpan: Span;
  readonly node: YamlNode;
}

const isGroup = (node: YamlNode): boolean =>
  node.kind === 'map' || (node.kind === 'scalar' && node.value === null);

const NO_GROUP = `a group is a map of ${GROUP_KEYS.join(', ')}`;

function readGroup(reading: AnsibleReading, entry: GroupEntry): AnsibleGroup | null {
  const { name, keySpan, node } = entry;
  const place = placeIn(reading, keySpan);
  const group = groupNamed(reading, name, place);
  if (group === null || node.kind !== 'map') return group;
  for (const [key, { keySpan: span, node: value }] of node.entries) {
    if (key === 'vars') readVars(reading, name, value);
    else if (key === 'children') readChildren(reading, group, value);
    else if (key === 'hosts') readHosts(reading, group, value);
    else passOver(reading, { name: key, keySpan: span }, GROUP_KEYS);
  }
  return group;
}

function readVars(reading: AnsibleReading, owner: string, node: YamlNode): void {
  for (const { name, value } of entriesOf(reading, node, 'variables')) {
    // A bare name instead of a map is a key without a value, which sets it to nothing.
    assign(reading, owner, [name, variableOf(value, reading.source)]);
  }
}

function readChildren(reading: AnsibleReading, group: AnsibleGroup, node: YamlNode): void {
  for (const { name, keySpan, value } of entriesOf(reading, node, 'groups')) {
    const place = placeIn(reading, keySpan);
    if (!isGroup(value)) {
      refuse(reading, place, `${name} is not a group: ${NO_GROUP}`);
      continue;
    }
    const child = readGroup(reading, { name, keySpan, node: value });
    if (child !== null) hold(reading, group, { child, place });
  }
}

function readHosts(reading: AnsibleReading, group: AnsibleGroup, node: YamlNode): void {
  for (const { name, keySpan, value } of entriesOf(reading, node, 'hosts')) {
    const names = addHosts(reading, group, { pattern: name, place: placeIn(reading, keySpan) });
    if (isEmpty(value)) continue;
    if (value.kind !== 'map') {
      refuse(reading, placeIn(reading, value.span), 'a map of variables is needed here');
      continue;
    }
    for (const host of names) {
      for (const [key, { node: each }] of value.entries) {
        assign(reading, host, [key, variableOf(each, reading.source)]);
      }
    }
  }
}

/** A value that is false for Python means no variables. */
const isEmpty = (node: YamlNode): boolean =>
  node.kind === 'scalar' ? !node.value : node.kind === 'list' && node.items.length === 0;

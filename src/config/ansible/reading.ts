import { suggest } from '../../errors/did-you-mean.js';
import type { Problem } from '../../errors/fleet-error.js';
import type { YamlNode } from '../yaml/node.js';
import { type Place, problemIn } from '../yaml/place.js';
import type { SourceText, Span } from '../yaml/source-text.js';
import {
  type AnsibleData,
  type AnsibleGroup,
  addChild,
  addGroup,
  addHost,
  setVariable,
  type Variable,
} from './data.js';
import { expandHostPattern } from './syntax/host-pattern.js';

/** A file in one of Ansible's forms while it is added to what was read from the others. */
export interface AnsibleReading {
  readonly source: SourceText;
  readonly data: AnsibleData;
  readonly problems: Problem[];
  /** What Ansible warns of and goes on. */
  readonly notices: Problem[];
}

export const placeIn = (reading: AnsibleReading, span: Span): Place => ({
  source: reading.source,
  span,
});

export function refuse(
  reading: AnsibleReading,
  place: Place,
  message: string,
  hint?: string,
): void {
  reading.problems.push(problemIn(place, { message, hint }));
}

export function warn(reading: AnsibleReading, place: Place, message: string): void {
  reading.notices.push(problemIn(place, { message }));
}

/** A name with control characters would garble what is shown, and one with a comma cannot be named by `-g`. */
const NO_GROUP = /[\p{Cc},]/u;
const NO_HOST = /[\p{Cc},]/u;

/** The group of that name; null, and a problem, where it is not a name. */
export function groupNamed(
  reading: AnsibleReading,
  name: string,
  place: Place,
): AnsibleGroup | null {
  if (name === '' || NO_GROUP.test(name)) {
    refuse(reading, place, `${JSON.stringify(name)} is not a group name`);
    return null;
  }
  return addGroup(reading.data, name, place);
}

/** Adds the hosts that a pattern expands to, and returns their names. */
export function addHosts(
  reading: AnsibleReading,
  group: AnsibleGroup,
  written: { readonly pattern: string; readonly place: Place },
): readonly string[] {
  const { pattern, place } = written;
  const found = expandHostPattern(pattern);
  if (found.kind === 'malformed') {
    refuse(reading, place, found.reason);
    return [];
  }
  for (const name of found.names) addNamed(reading, group, { name, port: found.port, place });
  return found.names;
}

/** Adds a host by its very name. */
export function addNamed(
  reading: AnsibleReading,
  group: AnsibleGroup,
  named: { readonly name: string; readonly port: number | null; readonly place: Place },
): void {
  if (named.name === '' || NO_HOST.test(named.name)) {
    refuse(reading, named.place, `${JSON.stringify(named.name)} is not a host name`);
  } else addHost(reading.data, group, named);
}

export function assign(
  reading: AnsibleReading,
  owner: string,
  [name, variable]: readonly [string, Variable],
): void {
  const problem = setVariable(reading.data, owner, [name, variable]);
  if (problem !== null) refuse(reading, variable.place, problem);
}

export function hold(
  reading: AnsibleReading,
  parent: AnsibleGroup,
  { child, place }: { readonly child: AnsibleGroup; readonly place: Place },
): void {
  const problem = addChild(parent, child);
  if (problem !== null) refuse(reading, place, problem);
}

/** A value of a YAML or JSON file as a variable. */
export function variableOf(node: YamlNode, source: SourceText): Variable {
  const place = { source, span: node.span };
  if (node.kind === 'scalar') {
    if (node.tag === 'vault') return { value: null, form: 'vault', place };
    return { value: node.value, form: node.tag === 'unsafe' ? 'unsafe' : 'plain', place };
  }
  const keys = node.kind === 'map' ? [...node.entries.keys()] : [];
  const wrapped = keys.length === 1 ? keys[0] : undefined;
  // As `ansible-inventory --list` prints an encrypted value, and one that is not a template.
  if (node.kind === 'map' && wrapped === '__ansible_vault') {
    return { value: null, form: 'vault', place };
  }
  const inner = node.kind === 'map' ? node.entries.get('__ansible_unsafe')?.node : undefined;
  if (wrapped === '__ansible_unsafe' && inner?.kind === 'scalar') {
    return { value: inner.value, form: 'unsafe', place };
  }
  return { value: null, form: 'structure', place };
}

const isNothing = (node: YamlNode): boolean => node.kind === 'scalar' && node.value === null;

/**
 * The entries of a map, or of a bare name one without a value. Of nothing none, of anything else none
 * and a problem.
 */
export function entriesOf(reading: AnsibleReading, node: YamlNode | undefined, what: string) {
  if (node === undefined || isNothing(node)) return [];
  if (node.kind === 'map') {
    return [...node.entries].map(([name, { keySpan, node: value }]) => ({ name, keySpan, value }));
  }
  if (node.kind === 'scalar' && typeof node.value === 'string') {
    const value: YamlNode = { kind: 'scalar', span: node.span, value: null };
    return [{ name: node.value, keySpan: node.span, value }];
  }
  refuse(reading, placeIn(reading, node.span), `a map of ${what} is needed here`);
  return [];
}

/** A key that Ansible warns of and ignores. One that looks like a typing mistake is refused here. */
export function passOver(
  reading: AnsibleReading,
  key: { readonly name: string; readonly keySpan: Span },
  known: readonly string[],
): void {
  if (key.name.startsWith('x-')) return;
  const place = placeIn(reading, key.keySpan);
  const hint = suggest(key.name, known);
  if (/^did you mean/.test(hint ?? '')) refuse(reading, place, `unknown key ${key.name}`, hint);
  else warn(reading, place, `${key.name} is ignored: a group has ${known.join(', ')}`);
}

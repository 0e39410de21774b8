import { extname } from 'node:path';
import { closest } from '../../errors/did-you-mean.js';
import { readYaml, type YamlFile } from '../yaml/file.js';
import type { YamlNode } from '../yaml/node.js';
import { GROUP_KEYS } from './yaml-form.js';

/** What a file of an inventory turns out to be, told by what is in it. */
export type Form =
  /** fleet's own form, or nothing better than that. */
  | { readonly kind: 'fleet'; readonly yaml: YamlFile }
  | { readonly kind: 'ansible-yaml'; readonly yaml: YamlFile; readonly root: YamlNode }
  /** As an inventory program prints it. */
  | { readonly kind: 'listing'; readonly yaml: YamlFile; readonly root: YamlNode }
  /** `yaml` is what it is if it is not sound as INI. */
  | { readonly kind: 'ini'; readonly yaml: YamlFile; readonly text: string }
  /** What only Ansible itself reads; `what` ends a sentence that begins with the file and `is`. */
  | { readonly kind: 'foreign'; readonly what: string };

const FLEET_KEYS = ['ssh', 'labels', 'vars', 'groups'];
const YAML_NAMES = ['', '.yml', '.yaml', '.json'];

/** Files that ansible-vault has encrypted begin so. */
export const isVault = (text: string): boolean => text.startsWith('$ANSIBLE_VAULT;');

/** YAML as Ansible reads it: what is JSON is read as JSON, which has words of its own. */
export const readDialect = (shown: string, text: string): YamlFile =>
  readYaml(shown, text, isJson(text) ? 'plain' : 'ansible');

function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Tells the form of an inventory file. */
export function formOf(path: string, shown: string, text: string): Form {
  if (isVault(text)) return { kind: 'foreign', what: 'encrypted by ansible-vault' };
  const extension = extname(path);
  if (extension === '.toml') return { kind: 'foreign', what: "in Ansible's TOML form" };
  const plain = readYaml(shown, text);
  if (plain.root?.kind === 'map' && isFleet(plain.root)) return { kind: 'fleet', yaml: plain };
  const yaml = readDialect(shown, text);
  const { root } = yaml;
  if (root?.kind === 'map') {
    const plugin = root.entries.get('plugin')?.node.value;
    if (plugin !== undefined) {
      return { kind: 'foreign', what: `the configuration of Ansible's inventory plugin ${plugin}` };
    }
    if (root.entries.has('_meta')) return { kind: 'listing', yaml, root };
    if (isAnsible(root)) return { kind: 'ansible-yaml', yaml, root };
    return { kind: 'fleet', yaml: plain };
  }
  if (plain.isEmpty === true) return { kind: 'fleet', yaml: plain };
  return YAML_NAMES.includes(extension) && !looksLikeIni(text) && root?.kind === 'list'
    ? { kind: 'fleet', yaml: plain }
    : { kind: 'ini', yaml: plain, text };
}

/** A file with a line of a section is meant as INI, whatever else is wrong with it. */
export const looksLikeIni = (text: string): boolean =>
  /^\s*\[[A-Za-z0-9_][^\][:,\s"']*(?::(?:hosts|children|vars))?\]\s*(?:#.*)?$/m.test(text);

function isFleet(root: YamlNode & { readonly kind: 'map' }): boolean {
  const keys = [...root.entries.keys()].filter((key) => !key.startsWith('x-'));
  return keys.every((key) => FLEET_KEYS.includes(key));
}

/**
 * Every key is a group: `all` is one, and so is a map of hosts, children or vars. Groups without any of
 * these may be there too; a file of nothing else is Ansible's unless a key looks like one of fleet's.
 */
function isAnsible(root: YamlNode & { readonly kind: 'map' }): boolean {
  if (root.entries.has('all') || root.entries.has('ungrouped')) return true;
  const groups = [...root.entries].filter(([key]) => !key.startsWith('x-'));
  const isGroup = ([, { node }]: (typeof groups)[number]): boolean =>
    node.kind === 'map' ? hasGroupKey(node) || node.entries.size === 0 : node.value === null;
  if (groups.length === 0 || groups.some(([key]) => key === 'groups')) return false;
  if (!groups.every(isGroup)) return false;
  return (
    groups.some(([, { node }]) => node.kind === 'map' && hasGroupKey(node)) ||
    groups.every(([key]) => closest(key, FLEET_KEYS) === null)
  );
}

const hasGroupKey = (node: YamlNode & { readonly kind: 'map' }): boolean =>
  GROUP_KEYS.some((key) => node.entries.has(key));

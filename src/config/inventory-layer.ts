import type { Problem } from '../errors/fleet-error.js';
import type { LayeredYaml, SshYaml } from './inventory-schema.js';
import { type LocalBase, localPath } from './local-path.js';
import type { Place } from './place.js';
import { durationFrom } from './schema-words.js';
import type { Setting, SettingValue } from './settings.js';

/** What one level says of its hosts: `ssh.user`, `labels.zone`, `vars.weight`, `address`. */
export type Layer = ReadonlyMap<string, Setting>;

/** One group as one file has it. */
export interface GroupPart {
  readonly name: string;
  readonly place: Place;
  readonly layer: Layer;
  readonly hosts: readonly HostMention[];
  readonly children: readonly { readonly name: string; readonly place: Place }[];
}

/** A host where a group names it; ranges are expanded. */
export interface HostMention {
  readonly name: string;
  readonly place: Place;
  readonly layer: Layer;
  /** What else its file says of it, with the rank of a file; the layer of the file where it is not set. */
  readonly base?: Layer;
  /** Why fleet cannot reach it; matters where it is selected. */
  readonly objections?: readonly Problem[];
}

/** One inventory file, whatever its form; or all files of Ansible's forms together. */
export interface InventoryPart {
  readonly form?: 'ansible';
  readonly layer: Layer;
  /** Hosts that stand in the file outside of its groups. */
  readonly hosts: readonly HostMention[];
  readonly groups: readonly GroupPart[];
}

export interface ReadPart {
  readonly part: InventoryPart | null;
  readonly problems: readonly Problem[];
}

/** Flattens what a level says; `placeAt` finds the place of a key path below that level. */
export function layerOf(
  yaml: LayeredYaml,
  base: LocalBase,
  placeAt: (...path: readonly string[]) => Place,
): Map<string, Setting> {
  const layer = new Map<string, Setting>();
  for (const key of keysOf(yaml.ssh)) {
    const value = sshValue(key, yaml.ssh, base);
    if (value !== undefined) layer.set(`ssh.${key}`, { value, place: placeAt('ssh', key) });
  }
  for (const [key, value] of Object.entries(yaml.labels ?? {})) {
    layer.set(`labels.${key}`, { value: String(value), place: placeAt('labels', key) });
  }
  for (const [key, value] of Object.entries(yaml.vars ?? {})) {
    layer.set(`vars.${key}`, { value, place: placeAt('vars', key) });
  }
  return layer;
}

const keysOf = (ssh: SshYaml | undefined): (keyof SshYaml)[] =>
  Object.keys(ssh ?? {}) as (keyof SshYaml)[];

/** Paths are absolute from here on, as they start at the file that they stand in. */
function sshValue(
  key: keyof SshYaml,
  ssh: SshYaml | undefined,
  base: LocalBase,
): SettingValue | undefined {
  const value = ssh?.[key];
  if (value === undefined) return undefined;
  switch (key) {
    case 'identity_file':
    case 'known_hosts':
      return [value].flat().map((path) => localPath(String(path), base));
    case 'revoked_host_keys':
      return localPath(String(value), base);
    case 'config_file':
      return value === 'none' ? value : localPath(String(value), base);
    case 'jump':
      return [value].flat().join(',');
    case 'agent':
      return typeof value === 'string' ? localPath(value, base) : value;
    case 'connect_timeout':
    case 'keepalive':
      return durationFrom(String(value));
    default:
      return value;
  }
}

import type { Problem } from '../../../errors/fleet-error.js';
import type { LocalBase } from '../../paths/local-path.js';
import type { Setting } from '../../settings/setting.js';
import { SSH_ROWS } from '../../settings/ssh-settings.js';
import type { Place } from '../../yaml/place.js';
import type { LayeredYaml } from './schema.js';

/** The settings of one level for its hosts: `ssh.user`, `labels.zone`, `vars.weight`, `address`. */
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
  /** Other settings of its file for it, with the rank of a file; without it the layer of the file. */
  readonly base?: Layer;
  /** Why fleet cannot reach it; matters where it is selected. */
  readonly objections?: readonly Problem[];
}

/** One inventory file, whatever its form; or all files of Ansible's forms together. */
export interface InventoryPart {
  readonly form?: 'ansible';
  readonly layer: Layer;
  /** Hosts in the file that are in none of its groups. */
  readonly hosts: readonly HostMention[];
  readonly groups: readonly GroupPart[];
}

export interface ReadPart {
  readonly part: InventoryPart | null;
  readonly problems: readonly Problem[];
}

/** Flattens the settings of a level; `placeAt` finds the place of a key path below that level. */
export function layerOf(
  yaml: LayeredYaml,
  base: LocalBase,
  placeAt: (...path: readonly string[]) => Place,
): Map<string, Setting> {
  const layer = new Map<string, Setting>();
  const written: Readonly<Record<string, unknown>> = yaml.ssh ?? {};
  for (const [key, row] of SSH_ROWS) {
    if (written[key] === undefined) continue;
    const value = row.read(written[key], base);
    layer.set(`ssh.${key}`, { value, place: placeAt('ssh', key) });
  }
  for (const [key, value] of Object.entries(yaml.labels ?? {})) {
    layer.set(`labels.${key}`, { value: String(value), place: placeAt('labels', key) });
  }
  for (const [key, value] of Object.entries(yaml.vars ?? {})) {
    layer.set(`vars.${key}`, { value, place: placeAt('vars', key) });
  }
  return layer;
}

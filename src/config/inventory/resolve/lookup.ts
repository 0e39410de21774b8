import { BY_DEFAULT, type SettingValue, type Sourced } from '../../settings/setting.js';
import type { SshConfigLayer } from '../../ssh-config/settings.js';
import type { Settings } from './settings.js';

/** The value under a key such as `ssh.user`, and where it is from. */
export type Lookup = (key: string) => Sourced | undefined;

/** The first lookup that has a key wins. */
export function firstOf(...lookups: readonly Lookup[]): Lookup {
  return (key) => {
    for (const lookup of lookups) {
      const found = lookup(key);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Of settings that differ the first, as the run is refused anyway. */
export function inInventory(settings: Settings): Lookup {
  return (key) => {
    const [first] = settings.get(key) ?? [];
    return first && { value: first.value, origin: { kind: 'inventory', place: first.place } };
  };
}

export const inSshConfig =
  (layer: SshConfigLayer): Lookup =>
  (key) =>
    layer.get(key);

export function inDefaults(defaults: ReadonlyMap<string, SettingValue>): Lookup {
  return (key) => {
    const value = defaults.get(key);
    return value === undefined ? undefined : { value, origin: BY_DEFAULT };
  };
}

/**
 * Only the settings of the inventory. Those of ssh_config for one host are for that host alone: `ssh -J`
 * passes none of it on to the jump host, which has lines of its own.
 */
export const fromInventory =
  (lookup: Lookup): Lookup =>
  (key) => {
    const found = lookup(key);
    return found?.origin.kind === 'inventory' ? found : undefined;
  };

/** All but some keys. */
export const without =
  (keys: ReadonlySet<string>, lookup: Lookup): Lookup =>
  (key) =>
    keys.has(key) ? undefined : lookup(key);

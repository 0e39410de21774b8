import { BY_DEFAULT, type SettingValue, type Sourced } from './inventory-layer.js';
import type { Settings } from './inventory-settings.js';
import type { SshConfigLayer } from './ssh-config-settings.js';

/** What holds under a key such as `ssh.user`, and who says it. */
export type Lookup = (key: string) => Sourced | undefined;

/** The first that says anything of a key wins. */
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

/** All but some keys. */
export const without =
  (keys: ReadonlySet<string>, lookup: Lookup): Lookup =>
  (key) =>
    keys.has(key) ? undefined : lookup(key);

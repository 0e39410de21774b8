import type { Host } from '../../model/hosts/host.js';
import { type Selection, selectShown } from '../../model/hosts/select.js';
import { BY_DEFAULT, type Origin, type SettingValue } from '../settings/setting.js';
import { SSH_ROWS } from '../settings/ssh-settings.js';
import { placeLocation } from '../yaml/place.js';
import type { LoadedInventory } from './load.js';

/** What `fleet inventory --origin` shows, as its `--json` prints it. */
export interface OriginView {
  readonly schemaVersion: 1;
  readonly hosts: readonly HostOrigins[];
}

interface HostOrigins {
  readonly name: string;
  readonly settings: readonly SettingOrigin[];
}

interface SettingOrigin extends OriginSource {
  readonly setting: string;
  readonly value: SettingValue;
}

interface OriginSource {
  readonly source: 'inventory' | 'ssh_config' | 'default';
  /** Several where only ssh itself knows which of them. */
  readonly files: readonly string[];
  readonly line: number | null;
  readonly column: number | null;
}

type Shown = readonly [setting: string, key: string, show: (host: Host) => SettingValue];

/** Each setting as it holds in the end, and where it is looked up. */
const SHOWN: readonly Shown[] = [
  ['address', 'address', (host) => host.address],
  ...SSH_ROWS.map(
    ([key, row]): Shown => [key, `ssh.${key}`, ({ ssh }) => row.show(ssh[row.field])],
  ),
];

/** The selected hosts; no group named means all. Throws as selectShown does. */
export function viewOrigins(inventory: LoadedInventory, selection: Selection): OriginView {
  const groups = selection.groups.length > 0 ? selection.groups : ['all'];
  const { hosts } = selectShown(inventory, { ...selection, groups });
  return {
    schemaVersion: 1,
    hosts: hosts.map((host) => {
      const lookup = inventory.sourceOf(host.name);
      const settings = SHOWN.map(([setting, key, show]) => {
        const origin = lookup?.(key)?.origin ?? BY_DEFAULT;
        return { setting, value: show(host), ...sourceOf(origin) };
      });
      return { name: host.name, settings };
    }),
  };
}

function sourceOf(origin: Origin): OriginSource {
  switch (origin.kind) {
    case 'inventory':
    case 'ssh-config': {
      const { file, line, column } = placeLocation(origin.place);
      const source = origin.kind === 'inventory' ? 'inventory' : 'ssh_config';
      return { source, files: [file], line, column };
    }
    case 'ssh-config-files':
      return { source: 'ssh_config', files: origin.files, line: null, column: null };
    case 'default':
      return { source: 'default', files: [], line: null, column: null };
  }
}

import type { Host } from '../model/host.js';
import { type Selection, selectShown } from '../model/select.js';
import type { LoadedInventory } from './inventory-file.js';
import { jumpText } from './inventory-jump.js';
import { placeLocation } from './place.js';
import { BY_DEFAULT, type Origin } from './settings.js';

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
  readonly value: string | number | boolean | null | readonly string[];
}

interface OriginSource {
  readonly source: 'inventory' | 'ssh_config' | 'default';
  /** Several where only ssh itself knows which of them. */
  readonly files: readonly string[];
  readonly line: number | null;
  readonly column: number | null;
}

type Read = (host: Host) => SettingOrigin['value'];

/** Each setting as it holds in the end; of a passphrase that is where it is kept, not what it is. */
const SETTINGS: readonly (readonly [string, Read])[] = [
  ['address', (host) => host.address],
  ['user', ({ ssh }) => ssh.user],
  ['port', ({ ssh }) => ssh.port],
  ['jump', ({ ssh }) => jumpText(ssh.jump)],
  ['identity_file', ({ ssh }) => ssh.identityFiles],
  ['passphrase', ({ ssh }) => ssh.passphrase],
  ['agent', ({ ssh }) => ssh.agent],
  ['identities_only', ({ ssh }) => ssh.identitiesOnly],
  ['known_hosts', ({ ssh }) => ssh.knownHosts],
  ['host_keys', ({ ssh }) => ssh.hostKeys],
  ['revoked_host_keys', ({ ssh }) => ssh.revokedHostKeys ?? null],
  ['host_key_alias', ({ ssh }) => ssh.hostKeyAlias],
  ['transport', ({ ssh }) => ssh.transport],
  ['connect_timeout', ({ ssh }) => ssh.connectTimeoutMs],
  ['keepalive', ({ ssh }) => ssh.keepaliveMs],
  ['keepalive_count', ({ ssh }) => ssh.keepaliveCount ?? 3],
  ['config_file', ({ ssh }) => ssh.configFile ?? null],
];

/** The selected hosts; no group named means all. Throws as selectShown does. */
export function viewOrigins(inventory: LoadedInventory, selection: Selection): OriginView {
  const groups = selection.groups.length > 0 ? selection.groups : ['all'];
  const { hosts } = selectShown(inventory, { ...selection, groups });
  return {
    schemaVersion: 1,
    hosts: hosts.map((host) => {
      const lookup = inventory.sourceOf(host.name);
      const settings = SETTINGS.map(([setting, read]) => {
        const origin = lookup?.(setting === 'address' ? setting : `ssh.${setting}`)?.origin;
        return { setting, value: read(host), ...sourceOf(origin ?? BY_DEFAULT) };
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

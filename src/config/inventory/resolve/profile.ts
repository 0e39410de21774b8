import type { Host, SshSettings } from '../../../model/hosts/host.js';
import { BY_DEFAULT, type Sourced } from '../../settings/setting.js';
import type { SshConfigLayer } from '../../ssh-config/settings.js';
import { buildData, buildSsh } from './host.js';
import { firstOf, inInventory, inSshConfig, type Lookup } from './lookup.js';
import type { Settings } from './settings.js';

/** One host of the inventory, with all settings from files and ssh_config. */
export interface HostSources {
  readonly name: string;
  readonly own: Settings;
  readonly sshConfig: SshConfigLayer;
}

/** What is the same for all hosts with the same settings, without the way there. */
export interface Profile extends Pick<Host, 'labels' | 'vars'> {
  readonly lookup: Lookup;
  readonly ssh: SshSettings;
}

/** One profile for all hosts that share what is said of them, as thousands do. */
export function createProfiles(
  defaults: Lookup,
  agentSocket: string | null,
): (host: HostSources) => Profile {
  const known = new Map<Settings, Map<SshConfigLayer, Profile>>();
  return (host) => {
    const found = known.get(host.own)?.get(host.sshConfig);
    if (found !== undefined) return found;
    const lookup = lookupOf(host, defaults);
    const ssh = buildSsh(lookup, { jump: null, agentSocket });
    const profile = { lookup, ssh, ...buildData(host.own) };
    const byLayer = known.get(host.own) ?? new Map<SshConfigLayer, Profile>();
    known.set(host.own, byLayer.set(host.sshConfig, profile));
    return profile;
  };
}

/** Where everything of a host comes from, its address too. */
export function sourceIn(host: HostSources, defaults: Lookup): Lookup {
  const lookup = lookupOf(host, defaults);
  return (key) => (key === 'address' ? addressOf(host) : lookup(key));
}

/** ssh_config's HostName replaces the address. */
export function addressOf({ name, own, sshConfig }: HostSources): Sourced {
  const named = sshConfig.get('address') ?? inInventory(own)('address');
  return named ?? { value: name, origin: BY_DEFAULT };
}

const lookupOf = ({ own, sshConfig }: HostSources, defaults: Lookup): Lookup =>
  firstOf(inInventory(own), inSshConfig(sshConfig), defaults);

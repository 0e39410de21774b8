import type { Endpoint, Host, SshSettings, VarValue } from '../model/host.js';
import type { Lookup } from './inventory-lookup.js';
import type { Settings } from './inventory-settings.js';
import type { SettingValue } from './settings.js';

/** Every value has been checked where it was read, so each is of its setting's type. */
export function buildSsh(
  lookup: Lookup,
  way: { readonly jump: Endpoint | null; readonly agentSocket: string | null },
): SshSettings {
  const get = <Value extends SettingValue>(key: string): Value =>
    lookup(`ssh.${key}`)?.value as Value;
  const agent = get<string | boolean>('agent');
  const configFile = get<string | null>('config_file');
  const count = lookup('ssh.keepalive_count');
  const revokedHostKeys = get<string | null>('revoked_host_keys');
  return {
    user: get('user'),
    port: get('port'),
    identityFiles: get<readonly string[]>('identity_file'),
    agent: agent === true ? way.agentSocket : agent === false ? null : agent,
    identitiesOnly: get('identities_only'),
    passphrase: get('passphrase'),
    knownHosts: get<readonly string[]>('known_hosts'),
    hostKeys: get<SshSettings['hostKeys']>('host_keys'),
    hostKeyAlias: get('host_key_alias'),
    ...(revokedHostKeys === null ? {} : { revokedHostKeys }),
    jump: way.jump,
    transport: get<SshSettings['transport']>('transport'),
    connectTimeoutMs: get('connect_timeout'),
    keepaliveMs: get('keepalive'),
    ...(count?.origin.kind === 'default' ? {} : { keepaliveCount: get<number>('keepalive_count') }),
    ...(configFile === null ? {} : { configFile }),
  };
}

/** What the inventory says beside SSH, as a host has it. */
export function buildData(settings: Settings): Pick<Host, 'labels' | 'vars'> {
  return {
    labels: below(settings, 'labels.') as Readonly<Record<string, string>>,
    vars: below(settings, 'vars.') as Readonly<Record<string, VarValue>>,
  };
}

function below(settings: Settings, prefix: string): Record<string, SettingValue> {
  const found: Record<string, SettingValue> = {};
  for (const [key, [first]] of settings) {
    if (key.startsWith(prefix)) found[key.slice(prefix.length)] = first.value;
  }
  return found;
}

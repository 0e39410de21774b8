import type { Host, SshSettings, VarValue } from '../model/host.js';
import { asHostName } from '../model/names.js';
import { jumpThrough } from './inventory-jump.js';
import type { SettingValue } from './inventory-layer.js';
import type { Settings } from './inventory-settings.js';

/** What holds where the inventory is silent. */
export type SshDefaults = SshSettings;

/** A host of its settings; of several that differ the first, as the run is refused anyway. */
export function buildHost(
  name: string,
  settings: Settings,
  context: {
    readonly groups: readonly string[];
    readonly defaults: SshDefaults;
    readonly agent: string | null;
  },
): Host {
  const values = new Map<string, SettingValue>();
  for (const [key, [first]] of settings) values.set(key, first.value);
  return {
    name: asHostName(name),
    address: String(values.get('address') ?? name),
    ssh: buildSsh(values, context.defaults, context.agent),
    labels: below(values, 'labels.') as Readonly<Record<string, string>>,
    vars: below(values, 'vars.') as Readonly<Record<string, VarValue>>,
    groups: context.groups,
  };
}

/** The schema has checked every value, so each is of its setting's type. */
function buildSsh(
  values: ReadonlyMap<string, SettingValue>,
  defaults: SshDefaults,
  agentSocket: string | null,
): SshSettings {
  const get = <Value>(key: string, standard: Value): Value =>
    values.has(key) ? (values.get(key) as Value) : standard;
  const agent = get<string | boolean | null>('ssh.agent', defaults.agent);
  const settings = {
    user: get('ssh.user', defaults.user),
    port: get('ssh.port', defaults.port),
    identityFiles: get('ssh.identity_file', defaults.identityFiles),
    agent: agent === true ? agentSocket : agent === false ? null : agent,
    identitiesOnly: get('ssh.identities_only', defaults.identitiesOnly),
    passphrase: get('ssh.passphrase', defaults.passphrase),
    knownHosts: get('ssh.known_hosts', defaults.knownHosts),
    hostKeys: get('ssh.host_keys', defaults.hostKeys),
    hostKeyAlias: get('ssh.host_key_alias', defaults.hostKeyAlias),
    jump: defaults.jump,
    transport: get('ssh.transport', defaults.transport),
    connectTimeoutMs: get('ssh.connect_timeout', defaults.connectTimeoutMs),
    keepaliveMs: get('ssh.keepalive', defaults.keepaliveMs),
  };
  const jump = get<string | null>('ssh.jump', null);
  return jump === null ? settings : { ...settings, jump: jumpThrough(jump, settings) };
}

function below(
  values: ReadonlyMap<string, SettingValue>,
  prefix: string,
): Record<string, SettingValue> {
  const found: Record<string, SettingValue> = {};
  for (const [key, value] of values) {
    if (key.startsWith(prefix)) found[key.slice(prefix.length)] = value;
  }
  return found;
}

import type { Host, SshSettings, VarValue } from '../../../model/hosts/host.js';
import type { SettingValue } from '../../settings/setting.js';
import type { HostContext } from '../../settings/ssh-setting.js';
import { SSH_ROWS, type SshFields } from '../../settings/ssh-settings.js';
import type { Lookup } from './lookup.js';
import type { Settings } from './settings.js';

/** Every field has a row, also those that a host may lack; the compiler sees to that. */
type EveryField = { readonly [Field in keyof Required<SshSettings>]: SshSettings[Field] };

/** The settings of a host. Every value has been checked where it was read. */
export function buildSsh(lookup: Lookup, context: HostContext): SshSettings {
  const fields = SSH_ROWS.map(([key, row]) => {
    const value = lookup(`ssh.${key}`)?.value ?? null;
    return [row.field, row.resolve(value, context)] as const;
  });
  const said = fields.filter(([, value]) => value !== undefined);
  const settings: EveryField = Object.fromEntries(said) as SshFields;
  return settings;
}

/** The labels and vars of a host. */
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

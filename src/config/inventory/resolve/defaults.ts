import { join } from 'node:path';
import type { SettingValue } from '../../settings/setting.js';
import type { KnownHostsFiles } from '../../settings/ssh-setting.js';
import { SSH_ROWS } from '../../settings/ssh-settings.js';

/** The settings where neither inventory nor ssh_config has any. */
export interface SshDefaults {
  readonly settings: ReadonlyMap<string, SettingValue>;
  readonly knownHosts: KnownHostsFiles;
}

/** The defaults of a user: their login name, the usual keys that exist, their agent. */
export async function sshDefaults(person: {
  readonly home: string;
  readonly localUser: string;
  readonly fileExists: (path: string) => Promise<boolean>;
}): Promise<SshDefaults> {
  const inSsh = (name: string): string => join(person.home, '.ssh', name);
  const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(inSsh);
  const exists = await Promise.all(usual.map(person.fileExists));
  const identityFiles = usual.filter((_, index) => exists[index]);
  const knownHosts = { user: [inSsh('known_hosts')], global: ['/etc/ssh/ssh_known_hosts'] };
  const { localUser } = person;
  const settings = new Map(
    SSH_ROWS.map(([key, row]): [string, SettingValue] => [
      `ssh.${key}`,
      row.byDefault({ localUser, identityFiles, knownHosts }),
    ]),
  );
  return { settings, knownHosts };
}

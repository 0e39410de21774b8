import { join } from 'node:path';
import type { SettingValue } from './settings.js';
import type { KnownHostsFiles } from './ssh-config-settings.js';

/** What holds of SSH where neither inventory nor ssh_config say anything. */
export interface SshDefaults {
  readonly settings: ReadonlyMap<string, SettingValue>;
  readonly knownHosts: KnownHostsFiles;
}

/** The defaults of a person: their login name, the usual keys that are there, their agent. */
export async function sshDefaults(person: {
  readonly home: string;
  readonly localUser: string;
  readonly fileExists: (path: string) => Promise<boolean>;
}): Promise<SshDefaults> {
  const inSsh = (name: string): string => join(person.home, '.ssh', name);
  const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map(inSsh);
  const there = await Promise.all(usual.map(person.fileExists));
  const knownHosts = { user: [inSsh('known_hosts')], global: ['/etc/ssh/ssh_known_hosts'] };
  const settings = new Map<string, SettingValue>([
    ['ssh.user', person.localUser],
    ['ssh.port', 22],
    ['ssh.identity_file', usual.filter((_, index) => there[index])],
    ['ssh.agent', true],
    ['ssh.identities_only', false],
    ['ssh.passphrase', null],
    ['ssh.known_hosts', [...knownHosts.user, ...knownHosts.global]],
    ['ssh.host_keys', 'strict'],
    ['ssh.revoked_host_keys', null],
    ['ssh.host_key_alias', null],
    ['ssh.jump', null],
    ['ssh.transport', 'ssh2'],
    ['ssh.connect_timeout', 15_000],
    ['ssh.keepalive', 15_000],
    ['ssh.keepalive_count', 3],
    ['ssh.config_file', null],
  ]);
  return { settings, knownHosts };
}

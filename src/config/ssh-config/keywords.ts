import type { SettingValue } from '../settings/setting.js';
import type { FromSshConfig, SshWords } from '../settings/ssh-setting.js';
import { SSH_ROWS } from '../settings/ssh-settings.js';

/** `ProxyCommand` has no setting of its own: under this name it is kept to be refused, or ignored. */
export const PROXY_COMMAND = 'proxy_command';

/** All that fleet takes of an ssh_config: fleet's own key, and how it is read. */
export const TAKEN: readonly (readonly [key: string, from: FromSshConfig<SettingValue>])[] = [
  ['address', { keywords: ['HostName'], read: ({ first }) => first }],
  [PROXY_COMMAND, { keywords: ['ProxyCommand'], read: commandOf }],
  ...SSH_ROWS.flatMap(([key, { sshConfig }]) =>
    sshConfig === undefined ? [] : [[`ssh.${key}`, sshConfig] as const],
  ),
];

function commandOf({ first, all }: SshWords): string | undefined {
  return first === 'none' ? undefined : all.join(' ');
}

const HONOURED = new Set(
  TAKEN.flatMap(([, { keywords }]) => keywords.map((keyword) => keyword.toLowerCase())),
);

/** Whether fleet takes anything from a keyword, given in lower case. */
export const isHonoured = (keyword: string): boolean => HONOURED.has(keyword);

/**
 * What an ssh_config says for one host: honoured keywords in lower case that it sets, with their
 * values. `hostname` is there only where it names another than the host asked for.
 */
export type SshAnswer = ReadonlyMap<string, readonly string[]>;

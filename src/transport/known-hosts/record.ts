import type { Endpoint } from '../../model/hosts/host.js';

/** Where a new host key is recorded: the first known_hosts file; null if that keeps nothing. */
export function recordFile({ ssh }: Endpoint): string | null {
  const [file = null] = ssh.knownHosts;
  return file === '/dev/null' ? null : file;
}

/**
 * Whether an unknown host key is recorded and accepted. Without a place to record it, the next connection
 * would accept any other key as well, which is not what `accept-new` means.
 */
export function isRecording(host: Endpoint): boolean {
  return host.ssh.hostKeys === 'accept-new' && recordFile(host) !== null;
}

export const NO_RECORD_HINT =
  'The ssh_config or the inventory names /dev/null or none as known_hosts, so that no key can be recorded. ' +
  'Set `known_hosts: ~/.ssh/known_hosts` under `ssh:` in the inventory; `fleet inventory --origin` shows what is set where.';

/** What to do about a key that is not recorded. */
export function recordHint(host: Endpoint): string {
  const file = recordFile(host);
  if (file === null) return NO_RECORD_HINT;
  return `Compare it with the host's own, then record it in ${file}; or set \`host_keys: accept-new\` to record new hosts at first sight.`;
}

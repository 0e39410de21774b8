import type { Endpoint } from '../../model/hosts/host.js';

/**
 * Equal for hosts that may share a connection to a jump host: same address, route, user, keys and trusted
 * host keys. The connect timeout does not count; the first host's is used.
 */
export function jumpKey({ address, ssh }: Endpoint): string {
  const { jump, transport, connectTimeoutMs, keepaliveMs, keepaliveCount, ...login } = ssh;
  return JSON.stringify([address, login, jump === null ? null : jumpKey(jump)]);
}

import type { Endpoint } from '../model/host.js';

/**
 * Equal for hosts that may share a connection to a jump host: those that log in to the same place, by
 * the same way, as the same user with the same keys, and trust the same host key. How long each of them
 * would wait is no reason for another login; the first one's patience holds.
 */
export function jumpKey({ address, ssh }: Endpoint): string {
  const { jump, transport, connectTimeoutMs, keepaliveMs, keepaliveCount, ...login } = ssh;
  return JSON.stringify([address, login, jump === null ? null : jumpKey(jump)]);
}

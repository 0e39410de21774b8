import type { Algorithms } from 'ssh2';

/**
 * What is offered to every server, best first; docs/ssh.md has it as a table. ssh2 itself adds
 * `ext-info-c` and `kex-strict-c-v00@openssh.com` to the key exchanges.
 *
 * No SHA-1, CBC, or 1024-bit groups. No group exchange either: there the server chooses the prime before it
 * has proven its identity, and OpenSSL's test of it can block the event loop for minutes. P-256 comes first:
 * OpenSSL has it in assembly, but Curve25519 in plain C, which takes 4 ms a host.
 */
export const KEY_EXCHANGES = [
  'ecdh-sha2-nistp256',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
] as const;

export const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;

/** Unused with the first three ciphers, which authenticate themselves. */
export const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;

/** By the type that a recorded key has: `ssh-rsa` keys sign with SHA-2 only. */
export const HOST_KEYS = [
  { type: 'ssh-ed25519', algorithm: 'ssh-ed25519' },
  { type: 'ecdsa-sha2-nistp256', algorithm: 'ecdsa-sha2-nistp256' },
  { type: 'ecdsa-sha2-nistp384', algorithm: 'ecdsa-sha2-nistp384' },
  { type: 'ecdsa-sha2-nistp521', algorithm: 'ecdsa-sha2-nistp521' },
  { type: 'ssh-rsa', algorithm: 'rsa-sha2-512' },
  { type: 'ssh-rsa', algorithm: 'rsa-sha2-256' },
] as const;

export type HostKeyAlgorithm = (typeof HOST_KEYS)[number]['algorithm'];

/** The offer in ssh2's words. Archives are compressed already, so SSH compression is off. */
export function algorithmsFor(hostKeys: readonly HostKeyAlgorithm[]): Algorithms {
  return {
    kex: [...KEY_EXCHANGES],
    serverHostKey: [...hostKeys],
    cipher: [...CIPHERS],
    hmac: [...MACS],
    compress: ['none'],
  };
}

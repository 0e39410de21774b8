import { CIPHERS, HOST_KEYS, KEY_EXCHANGES, MACS } from './algorithms.js';
import type { ServerOffer } from './server-offer.js';

/** A kind of algorithm in which server and fleet have none in common. */
export interface Mismatch {
  readonly kind: 'key exchange' | 'host key' | 'cipher' | 'MAC';
  readonly offered: readonly string[];
  /** Whether the system's `ssh` supports what ssh2 does not. */
  readonly openssh: boolean;
}

/** The first kind, in the order of SSH's negotiation, without a common algorithm. */
export function findMismatch(offer: ServerOffer): Mismatch | null {
  const hostKeys = HOST_KEYS.map(({ algorithm }) => algorithm);
  const kinds = [
    ['key exchange', offer.keyExchanges.filter((name) => !isSignal(name)), KEY_EXCHANGES],
    ['host key', offer.hostKeys, hostKeys],
    ['cipher', offer.ciphers, CIPHERS],
    ['MAC', offer.ciphers.some(authenticates) ? [] : offer.macs, MACS],
  ] as const;
  for (const [kind, offered, ours] of kinds) {
    if (offered.length === 0 || offered.some((name) => includes(ours, name))) continue;
    return { kind, offered, openssh: offered.some((name) => ONLY_OPENSSH.test(name)) };
  }
  return null;
}

/**
 * The weak algorithms in a server's offer, one phrase a kind. OpenSSH disables all of them by default, except
 * SHA-1 MACs, which are not named: HMAC does not suffer from SHA-1's collisions.
 */
export function weaknessesOf(offer: ServerOffer): readonly string[] {
  const weak = [
    ['key exchange', offer.keyExchanges.filter((name) => /-sha1$/.test(name))],
    ['host key', offer.hostKeys.filter((name) => WEAK_HOST_KEYS.test(name))],
    ['cipher', offer.ciphers.filter((name) => /-cbc\b|^(arcfour|3des|none$)/.test(name))],
    ['MAC', offer.macs.filter((name) => /md5|ripemd|-96\b|^none$/.test(name))],
  ] as const;
  return [
    ...weak.flatMap(([kind, names]) => (names.length === 0 ? [] : [`${kind} ${names.join(', ')}`])),
    ...(isOpenToTerrapin(offer) ? ['no strict key exchange (CVE-2023-48795, Terrapin)'] : []),
  ];
}

/** A prefix of the first packets can be cut off if the sequence numbers are not reset. */
function isOpenToTerrapin({ keyExchanges, ciphers, macs }: ServerOffer): boolean {
  if (keyExchanges.includes('kex-strict-s-v00@openssh.com')) return false;
  const cbc = ciphers.some((name) => /-cbc\b/.test(name));
  const etm = macs.some((name) => name.endsWith('-etm@openssh.com'));
  return ciphers.includes('chacha20-poly1305@openssh.com') || (cbc && etm);
}

/** Names in the list of key exchanges that are markers: `ext-info-s`, `kex-strict-s-v00@openssh.com`. */
export function isSignal(name: string): boolean {
  return name.startsWith('ext-info-') || name.startsWith('kex-strict-');
}

function authenticates(name: string): boolean {
  return includes(CIPHERS.slice(0, 3), name);
}

function includes(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** Post-quantum key exchanges, certificates and hardware keys; and the group exchange, see KEY_EXCHANGES. */
const ONLY_OPENSSH = /^(sntrup|mlkem|sk-|diffie-hellman-group-exchange-sha256$)|-cert-v0\d@/;
const WEAK_HOST_KEYS = /^(ssh-rsa|ssh-dss)(-cert-v0\d@openssh\.com)?$/;

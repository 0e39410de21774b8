import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';
import type { Offer } from '../keys/credentials.js';
import { offeringOf } from './internals.js';

/**
 * Offers a key whose private part is available with its signature at once. ssh2 first asks if the server would
 * accept the key (RFC 4252, 7), a round trip that pays only if signing is slow, as with an agent. Call it when
 * the client connects; with an unknown version of ssh2 it changes nothing.
 */
export function offerSigned(client: Client, keys: readonly ParsedKey[]): void {
  const protocol = offeringOf(client);
  if (protocol === null) return;
  const ask = protocol.authPK.bind(protocol);
  const signOnce = createSignatures();
  protocol.authPK = (user, key, algorithm, sign) => {
    if (sign !== undefined) {
      signOnce(key, algorithm);
      return ask(user, key, algorithm, sign);
    }
    const own = keys.find((each) => each === key);
    if (own === undefined) return ask(user, key, algorithm);
    ask(user, key, algorithm, (data, done) => {
      const signature = signatureOf(own, data, algorithm);
      // Asked the usual way, ssh2 reports the key that cannot sign, and goes on to the next.
      if (signature instanceof Error) return ask(user, key, algorithm);
      signOnce(key, algorithm);
      done(signature);
    });
  };
}

/**
 * Whether the first key that is offered depends on nothing that the server says before. With RSA it does: the
 * server names the hashes that it accepts. An agent's keys go the usual way too.
 */
export function mayOfferAtOnce({ own: [first] }: Offer): boolean {
  return first !== undefined && first.type !== 'ssh-rsa';
}

/**
 * Throws the second time. If a server repeats that it would accept a key, ssh2 signs each time: thousands of
 * signatures in one turn of the event loop, or as many requests to an agent.
 */
function createSignatures(): (key: unknown, algorithm: string | undefined) => void {
  const made = new Map<unknown, Set<string>>();
  return (key, algorithm = '') => {
    const algorithms = made.get(key) ?? new Set();
    if (algorithms.has(algorithm)) throw new Error('it asked for one signature twice');
    made.set(key, algorithms.add(algorithm));
  };
}

/** ssh2 would parse the key again for each host, which takes over half the time of signing. */
function signatureOf(key: ParsedKey, data: Buffer, algorithm: string | undefined): Buffer | Error {
  const hash = HASHES.get(algorithm ?? key.type);
  if (hash === undefined) return key.sign(data);
  try {
    const parsed = parsedOnce.get(key) ?? createPrivateKey(key.getPrivatePEM());
    parsedOnce.set(key, parsed);
    return sign(hash, data, parsed);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const parsedOnce = new WeakMap<ParsedKey, KeyObject>();

/** The hash to sign with; Ed25519 has its own. */
const HASHES: ReadonlyMap<string, string | null> = new Map([
  ['ssh-ed25519', null],
  ['ecdsa-sha2-nistp256', 'sha256'],
  ['ecdsa-sha2-nistp384', 'sha384'],
  ['ecdsa-sha2-nistp521', 'sha512'],
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
]);

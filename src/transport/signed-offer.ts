import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';

/**
 * Has a key whose private part is at hand offered with its signature at once. ssh2 first asks
 * whether the server would take the key (RFC 4252, 7), a round trip that is worth it only where
 * signing is dear, as by an agent. To be called when the client connects; with an ssh2 that is built
 * otherwise, it goes on asking.
 */
export function offerSigned(client: Client, keys: readonly ParsedKey[]): void {
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (!canOffer(protocol)) return;
  const ask = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, algorithm, sign) => {
    const own = sign === undefined ? keys.find((each) => each === key) : undefined;
    if (own === undefined) return ask(user, key, algorithm, sign);
    ask(user, key, algorithm, (data, done) => {
      const signature = signatureOf(own, data, algorithm);
      // Asked the usual way, ssh2 tells of the key that can not sign, and goes on to the next.
      if (signature instanceof Error) ask(user, key, algorithm);
      else done(signature);
    });
  };
}

/** ssh2 would parse the key anew for each host, which takes more than half the time of signing. */
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

interface Offering {
  authPK(
    user: string,
    key: unknown,
    algorithm?: string,
    sign?: (data: Buffer, done: (signature: Buffer) => void) => void,
  ): void;
}

function canOffer(protocol: unknown): protocol is Offering {
  return (
    typeof protocol === 'object' &&
    protocol !== null &&
    'authPK' in protocol &&
    typeof protocol.authPK === 'function'
  );
}

/** What is signed; Ed25519 hashes by itself. */
const HASHES: ReadonlyMap<string, string | null> = new Map([
  ['ssh-ed25519', null],
  ['ecdsa-sha2-nistp256', 'sha256'],
  ['ecdsa-sha2-nistp384', 'sha384'],
  ['ecdsa-sha2-nistp521', 'sha512'],
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
]);

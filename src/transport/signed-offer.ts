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
      const signature = own.sign(data, HASHES.get(algorithm ?? ''));
      // Asked the usual way, ssh2 tells of the key that can not sign, and goes on to the next.
      if (signature instanceof Error) ask(user, key, algorithm);
      else done(signature);
    });
  };
}

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

/** What an algorithm signs, where its key does not settle that. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['rsa-sha2-256', 'sha256'],
  ['rsa-sha2-512', 'sha512'],
]);

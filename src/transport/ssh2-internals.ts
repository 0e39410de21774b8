import type { Client } from 'ssh2';

/**
 * All that fleet touches inside ssh2, which has no public API for it. Each function returns null for an ssh2 of
 * another build; `test/transport/ssh2-internals.test.ts` checks the installed one.
 */

/** All bytes of the stream go through it. It throws for what it does not accept. */
export interface Parser {
  parse(chunk: Buffer, from: number, to: number): void;
}

/** Offers a key: with `sign` together with its signature, else to ask whether it would be taken. */
export interface Offering {
  authPK(
    user: string,
    key: unknown,
    algorithm?: string,
    sign?: (data: Buffer, done: (signature: Buffer) => void) => void,
  ): void;
}

export interface Cipher {
  allocPacket(payload: number): Buffer;
}

export function parserOf(client: Client): Parser | null {
  const protocol = protocolOf(client);
  return has<Parser>(protocol, 'parse') ? protocol : null;
}

export function offeringOf(client: Client): Offering | null {
  const protocol = protocolOf(client);
  return has<Offering>(protocol, 'authPK') ? protocol : null;
}

export function cipherOf(client: Client): Cipher | null {
  const protocol = protocolOf(client);
  const cipher: unknown = protocol === null ? null : Reflect.get(protocol, '_cipher');
  return has<Cipher>(cipher, 'allocPacket') ? cipher : null;
}

/**
 * OpenSSH announces all its host keys, also before the login and as often as it likes. ssh2 parses each key, has
 * the server prove it and verifies that: 1 to 2 ms a host, unused. Call it when the client connects.
 */
export function passOverHostKeys(client: Client): void {
  const protocol = protocolOf(client);
  const handlers: unknown = protocol === null ? null : Reflect.get(protocol, '_handlers');
  if (!has<Handlers>(handlers, 'GLOBAL_REQUEST')) return;
  const answer = handlers.GLOBAL_REQUEST;
  handlers.GLOBAL_REQUEST = (peer, name, ...rest) =>
    // An unknown request is refused, as RFC 4254 (4) says.
    answer(peer, name === 'hostkeys-00@openssh.com' ? '' : name, ...rest);
}

interface Handlers {
  GLOBAL_REQUEST(peer: unknown, name: string, ...rest: readonly unknown[]): void;
}

function protocolOf(client: Client): object | null {
  const protocol: unknown = Reflect.get(client, '_protocol');
  return typeof protocol === 'object' ? protocol : null;
}

function has<Type>(value: unknown, method: keyof Type): value is Type {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
  );
}

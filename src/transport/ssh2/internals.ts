import type { Client } from 'ssh2';

/**
 * All that fleet touches inside ssh2, which has no public API for it. Each function returns null for an ssh2 of
 * another build; `test/transport/ssh2/internals.test.ts` checks the installed one.
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

export function parserOf(client: Client): Parser | null {
  const protocol = protocolOf(client);
  return has<Parser>(protocol, 'parse') ? protocol : null;
}

export function offeringOf(client: Client): Offering | null {
  const protocol = protocolOf(client);
  return has<Offering>(protocol, 'authPK') ? protocol : null;
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

/**
 * Begins the login together with the request for the service that it belongs to, a round trip sooner:
 * a client may go on without the answer where the server has proved itself by its host key (RFC 4253,
 * 10). Call it when the client connects. Tells whether the server has accepted the service since: a login
 * that it reports before that is none.
 */
export function loginAtOnce(client: Client): () => boolean {
  const protocol = protocolOf(client);
  const handlers: unknown = protocol === null ? null : Reflect.get(protocol, '_handlers');
  if (!has<Services>(protocol, 'service') || !has<Handlers>(handlers, 'SERVICE_ACCEPT'))
    return () => true;
  let accepted = false;
  const request = protocol.service.bind(protocol);
  const accept = handlers.SERVICE_ACCEPT;
  handlers.SERVICE_ACCEPT = () => {
    accepted = true;
  };
  protocol.service = (name) => {
    request(name);
    accept(protocol, name);
  };
  return () => accepted;
}

/** What makes the packets that are sent. */
export interface Packets {
  readonly writer: PacketWriter;
  /** Meanwhile packets wait, and have no head. */
  readonly isExchangingKeys: () => boolean;
  /** Another one after each exchange of keys. */
  readonly cipher: () => unknown;
}

interface PacketWriter {
  /** Memory for a packet that carries so many bytes, with its head and padding. It is sent at once. */
  alloc(size: number, force?: boolean): Buffer;
}

export function packetsOf(client: Client): Packets | null {
  const protocol = protocolOf(client);
  const both: unknown = protocol === null ? null : Reflect.get(protocol, '_packetRW');
  if (protocol === null || typeof both !== 'object' || both === null) return null;
  const writer: unknown = Reflect.get(both, 'write');
  if (!has<PacketWriter>(writer, 'alloc')) return null;
  return {
    writer,
    isExchangingKeys: () => Reflect.get(protocol, '_kexinit') !== undefined,
    cipher: () => Reflect.get(protocol, '_cipher'),
  };
}

interface Handlers {
  GLOBAL_REQUEST(peer: unknown, name: string, ...rest: readonly unknown[]): void;
  SERVICE_ACCEPT(peer: unknown, name: string): void;
}

interface Services {
  service(name: string): void;
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

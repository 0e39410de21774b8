import type { Connection } from 'ssh2';

/** Bytes of the SSH transport protocol, made by hand (RFC 4253), so that they can be wrong. */

export function string(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A packet before the encryption. */
export function packet(...payload: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(payload);
  const short = 8 - ((5 + body.length) % 8);
  const padding = short < 4 ? short + 8 : short;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + body.length + padding);
  head[4] = padding;
  return Buffer.concat([head, body, Buffer.alloc(padding)]);
}

export const IDENTIFICATION = Buffer.from('SSH-2.0-stranger\r\n');

export interface RawOffer {
  readonly keyExchange: string;
  readonly hostKey?: string;
}

export function keyExchangeInit({ keyExchange, hostKey = 'ssh-ed25519' }: RawOffer): Buffer {
  const cipher = 'aes128-gcm@openssh.com';
  const mac = 'hmac-sha2-256';
  const lists = [keyExchange, hostKey, cipher, cipher, mac, mac, 'none', 'none', '', ''];
  return packet(Uint8Array.of(20), Buffer.alloc(16), ...lists.map(string), Buffer.alloc(5));
}

export interface RawReply {
  readonly hostKey: Uint8Array;
  readonly publicValue: Uint8Array;
  readonly signatureType?: string;
  readonly signature?: Uint8Array;
}

/** SSH_MSG_KEXDH_REPLY, and SSH_MSG_NEWKEYS behind it, which has the client reckon. */
export function keyExchangeReply(reply: RawReply): Buffer {
  const { hostKey, publicValue, signatureType = 'ssh-ed25519' } = reply;
  const signature = Buffer.concat([
    string(signatureType),
    string(reply.signature ?? Buffer.alloc(64, 1)),
  ]);
  const answer = packet(Uint8Array.of(31), string(hostKey), string(publicValue), string(signature));
  return Buffer.concat([answer, packet(Uint8Array.of(21))]);
}

/** Sends a payload from ssh2's own server, whatever it may be about to send itself. */
export function sendRaw(connection: Connection, ...payload: readonly Uint8Array[]): void {
  const body = Buffer.concat(payload);
  const protocol = Reflect.get(connection, '_protocol');
  const { write } = protocol._packetRW;
  const start: number = write.allocStart;
  const space: Buffer = write.alloc(body.length);
  space.set(body, start);
  protocol._cipher.encrypt(write.finalize(space));
}

/** Calls back when the encryption is in place and nothing was said in it yet. */
export function onEncrypted(connection: Connection, then: () => void): void {
  const protocol = Reflect.get(connection, '_protocol');
  const complete = protocol._onHandshakeComplete;
  protocol._onHandshakeComplete = (...args: readonly unknown[]) => {
    complete(...args);
    then();
  };
}

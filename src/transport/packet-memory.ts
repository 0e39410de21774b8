import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { cipherOf } from './ssh2-internals.js';

/** Where the large packets of all connections are written, one after the other. */
export interface PacketMemory {
  /**
   * Has a client that is logged in write its large packets here. With an ssh2 that is built otherwise,
   * and from a new key exchange on, each has memory of its own again.
   */
  lend(client: Client, socket: Duplex): void;
}

/**
 * ssh2 takes new memory for each packet. The kernel mostly has its bytes at once, but V8 sees no need
 * to free it for long: an upload to 100 hosts leaves a dozen megabytes behind, and full collections.
 * Here a packet takes the place of the last one, if that has left the process.
 */
export function createPacketMemory(): PacketMemory {
  let memory = Buffer.alloc(0);
  let writer: Socket | null = null;
  const take = (bytes: number, socket: Socket): Buffer => {
    const left = writer === null || (writer.writableLength === 0 && !writer.destroyed);
    // What the last packet is still read from is left to that.
    if (!left || memory.length < bytes) memory = Buffer.allocUnsafeSlow(MEMORY_BYTES);
    writer = socket;
    return memory.subarray(0, bytes);
  };
  return {
    lend(client, socket) {
      const cipher = cipherOf(client);
      // Of other streams it is not known when they have done with what they were given.
      if (cipher === null || !(socket instanceof Socket)) return;
      const alloc = cipher.allocPacket.bind(cipher);
      cipher.allocPacket = (payload) =>
        payload < LEAST_PAYLOAD || payload > MOST_PAYLOAD
          ? alloc(payload)
          : enlarge(alloc(payload % ALIKE), payload, (bytes) => take(bytes, socket));
    },
  };
}

/**
 * A packet for a larger payload, made like a small one of the same cipher: length, length of the
 * padding, payload, padding (RFC 4253, 6), and the space that the cipher needs after that.
 */
function enlarge(like: Buffer, payload: number, take: (bytes: number) => Buffer): Buffer {
  const small = payload % ALIKE;
  const packet = take(like.length + payload - small);
  packet.writeUInt32BE(like.readUInt32BE(0) + payload - small, 0);
  const padding = like.readUInt8(LENGTH_BYTES);
  packet.writeUInt8(padding, LENGTH_BYTES);
  like.copy(packet, HEAD_BYTES + payload, HEAD_BYTES + small, HEAD_BYTES + small + padding);
  return packet;
}

const LENGTH_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + 1;
/** The block sizes of all ciphers divide it, so payloads that differ by it are padded alike. */
const ALIKE = 16;
/** Smaller packets are cut from memory that Node shares among them. */
const LEAST_PAYLOAD = 4 * 1024;
/** A piece of an upload with the words before it. */
const MOST_PAYLOAD = 33 * 1024;
/** Room for the head, the padding and what any cipher adds. */
const MEMORY_BYTES = MOST_PAYLOAD + 1024;

import { randomFillSync } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { packetsOf } from './internals.js';

/** The packets of a large input, which lie in memory that is used again. */
export interface PacketMemory {
  /** Leaves the memory to be collected. The next large input takes new memory. */
  release(): void;
}

/** Smaller packets come from Node's own pool, or are few. */
const LARGE_BYTES = 16 * 1024;
/** A packet of an upload: 32 KiB, and what a cipher adds. */
const ROOM_BYTES = 33 * 1024;
/** More are not on their way at once, unless many hosts share the connection. */
const ROOMS = 4;
/** The length of a packet and that of its padding come first, in every cipher. */
const HEAD_BYTES = 5;

/**
 * Has the large packets of a connection lie in the same few pieces of memory. ssh2 takes new memory for each packet:
 * in an upload to many hosts, tens of megabytes of it wait to be collected at any time. What was written is free once
 * the socket has nothing left to write.
 */
export function reusePacketMemory(client: Client, socket: Duplex): PacketMemory {
  const packets = packetsOf(client);
  if (packets === null) return { release: () => undefined };
  const { writer, isExchangingKeys, cipher } = packets;
  const make = writer.alloc.bind(writer);
  let rooms: Buffer[] = [];
  let used = 0;
  let form: Form | null = null;
  writer.alloc = (size, force) => {
    if (size < LARGE_BYTES || isExchangingKeys()) return make(size, force);
    if (form?.size !== size || form.cipher !== cipher()) {
      const packet = make(size, force);
      form = formOf(packet, { size, cipher: cipher() });
      return packet;
    }
    if (socket.writableLength === 0) used = 0;
    if (form.length > ROOM_BYTES || used === ROOMS) return make(size, force);
    const room = rooms[used] ?? Buffer.allocUnsafeSlow(ROOM_BYTES);
    rooms[used] = room;
    used += 1;
    return fill(room, form);
  };
  return {
    release() {
      rooms = [];
      used = 0;
    },
  };
}

/** What all packets have in common that carry as much under the same keys. */
interface Form {
  readonly size: number;
  readonly cipher: unknown;
  readonly length: number;
  readonly head: Buffer;
}

const formOf = (packet: Buffer, of: Pick<Form, 'size' | 'cipher'>): Form => ({
  ...of,
  length: packet.length,
  head: Buffer.from(packet.subarray(0, HEAD_BYTES)),
});

/** As ssh2 makes a packet: its head, room for what it carries, and random bytes behind. */
function fill(room: Buffer, { size, length, head }: Form): Buffer {
  const packet = room.subarray(0, length);
  packet.set(head);
  randomFillSync(packet, HEAD_BYTES + size);
  return packet;
}

/**
 * Reads the fields of one packet in turn (RFC 4251, section 5). Throws a RangeError where the packet
 * ends before them.
 */
export interface PacketReader {
  byte(): number;
  uint32(): number;
  /** A view into the packet. */
  string(): Buffer;
  text(): string;
}

export function readPacket(packet: Buffer): PacketReader {
  let at = 0;
  const uint32 = (): number => {
    const value = packet.readUInt32BE(at);
    at += 4;
    return value;
  };
  const string = (): Buffer => {
    const length = uint32();
    if (at + length > packet.length) throw new RangeError('a string reaches beyond its packet');
    at += length;
    return packet.subarray(at - length, at);
  };
  return {
    byte() {
      const value = packet.readUInt8(at);
      at += 1;
      return value;
    },
    uint32,
    string,
    text: () => string().toString('utf8'),
  };
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function string(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Cuts a stream of bytes into packets that each begin with their length; throws for one too long. */
export function splitPackets(onPacket: (packet: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (bytes.length >= 4) {
      const length = bytes.readUInt32BE(0);
      if (length > MAX_PACKET_BYTES) throw new RangeError(`a packet of ${length} bytes`);
      if (bytes.length < 4 + length) break;
      const packet = bytes.subarray(4, 4 + length);
      bytes = bytes.subarray(4 + length);
      onPacket(packet);
    }
    rest = bytes;
  };
}

/** The largest that OpenSSH itself takes on its control socket. */
const MAX_PACKET_BYTES = 256 * 1024;

/**
 * Reads the fields of one packet in turn (RFC 4251, section 5). Throws a RangeError if the packet ends before
 * them.
 */
export interface PacketReader {
  byte(): number;
  uint32(): number;
  /** A view into the packet. */
  string(): Buffer;
  text(): string;
  skip(length: number): void;
  isAtEnd(): boolean;
}

export function readPacket(packet: Buffer): PacketReader {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > packet.length) throw new RangeError('it ends in the middle');
    at += length;
    return packet.subarray(at - length, at);
  };
  const uint32 = (): number => take(4).readUInt32BE();
  const string = (): Buffer => take(uint32());
  return {
    byte: () => take(1).readUInt8(),
    uint32,
    string,
    text: () => string().toString('utf8'),
    skip: (length) => void take(length),
    isAtEnd: () => at >= packet.length,
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

/** Cuts a stream of bytes into packets with a length prefix; throws for one that is too long. */
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

/** The largest packet that OpenSSH itself accepts on its control socket. */
const MAX_PACKET_BYTES = 256 * 1024;

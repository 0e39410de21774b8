/**
 * Bytes copied into one block that doubles. Keeping the pieces would pin the socket's read buffers: a
 * megabyte that arrives byte by byte would hold gigabytes.
 */
export interface ByteBuffer {
  readonly length: number;
  append(piece: Uint8Array): void;
  /** A view, valid until the next change. */
  view(): Buffer;
  /** Drops all but the last `length` bytes. */
  keepLast(length: number): void;
}

export function createByteBuffer(): ByteBuffer {
  let block = Buffer.alloc(0);
  let used = 0;
  return {
    get length() {
      return used;
    },
    append(piece) {
      if (used + piece.length > block.length) {
        const larger = Buffer.allocUnsafe(Math.max(256, 2 * block.length, used + piece.length));
        block.copy(larger, 0, 0, used);
        block = larger;
      }
      block.set(piece, used);
      used += piece.length;
    },
    view: () => block.subarray(0, used),
    keepLast(length) {
      if (length >= used) return;
      block.copyWithin(0, used - length, used);
      used = length;
    },
  };
}

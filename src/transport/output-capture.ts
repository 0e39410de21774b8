import { createByteBuffer } from './byte-buffer.js';

/** What a command printed on one stream, within bounds. */
export interface Capture {
  add(chunk: Uint8Array): void;
  text(): string;
  readonly truncated: boolean;
}

/** Keeps the first `limit` bytes; a character cut at the end is left out. */
export function captureHead(limit: number): Capture {
  const bytes = createByteBuffer();
  let truncated = false;
  return {
    add(chunk) {
      const room = limit - bytes.length;
      truncated ||= chunk.length > room;
      if (room > 0) bytes.append(chunk.subarray(0, room));
    },
    text() {
      if (!truncated) return bytes.view().toString('utf8');
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.view(), { stream: true });
    },
    get truncated() {
      return truncated;
    },
  };
}

/** Keeps the last `limit` bytes; a character cut at the start is left out. */
export function captureTail(limit: number): Capture {
  const bytes = createByteBuffer();
  let truncated = false;
  return {
    add(chunk) {
      truncated ||= bytes.length + chunk.length > limit;
      bytes.append(chunk.subarray(-limit));
      // Dropping only at twice the limit makes the copying linear in what was printed.
      if (bytes.length > 2 * limit) bytes.keepLast(limit);
    },
    text() {
      bytes.keepLast(limit);
      const all = bytes.view();
      let start = 0;
      while (truncated && isContinuation(all[start])) start += 1;
      return all.toString('utf8', start);
    },
    get truncated() {
      return truncated;
    },
  };
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

import { createRoom, type KeepBudget } from '../keep-budget.js';
import { createByteBuffer } from './byte-buffer.js';

/** The output of a command on one stream, up to a limit. */
export interface Capture {
  add(chunk: Uint8Array): void;
  text(): string;
  readonly truncated: boolean;
}

/** Keeps the first `most` bytes; a character cut at the end is left out. */
export function captureHead(most: number, budget?: KeepBudget): Capture {
  const roomFor = createRoom(most, budget);
  const bytes = createByteBuffer();
  let truncated = false;
  return {
    add(chunk) {
      if (truncated) return;
      const room = roomFor(bytes.length + chunk.length) - bytes.length;
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

/** Keeps the last `most` bytes; a character cut at the start is left out. */
export function captureTail(most: number, budget?: KeepBudget): Capture {
  const roomFor = createRoom(most, budget);
  const bytes = createByteBuffer();
  let truncated = false;
  let limit = 0;
  return {
    add(chunk) {
      limit = roomFor(bytes.length + chunk.length);
      truncated ||= bytes.length + chunk.length > limit;
      bytes.append(chunk.subarray(Math.max(0, chunk.length - limit)));
      // Dropping only at twice the limit keeps the copying linear.
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

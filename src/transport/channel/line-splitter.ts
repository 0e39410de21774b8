import { createByteBuffer } from './byte-buffer.js';

export interface LineSplitter {
  add(chunk: Buffer): void;
  /** Passes on what came after the last newline. */
  end(): void;
}

/**
 * Cuts bytes into lines of text without their `\n` or `\r\n`. Bytes are joined before they are decoded, so a
 * character split over two packets stays whole. The rest of a line longer than `maxBytes` is dropped, and
 * `onTooLong` is called: an endless line must not fill this machine's memory.
 */
export function splitLines(
  onLine: (line: string) => void,
  maxBytes: number,
  onTooLong: () => void = () => undefined,
): LineSplitter {
  const held = createByteBuffer();

  function finish(rest: Buffer): void {
    if (held.length + rest.length > maxBytes) onTooLong();
    if (held.length === 0) return onLine(asText(rest.subarray(0, maxBytes)));
    held.append(rest.subarray(0, maxBytes - held.length));
    const line = asText(held.view());
    held.keepLast(0);
    onLine(line);
  }

  return {
    add(chunk) {
      let start = 0;
      for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
        finish(chunk.subarray(start, end));
        start = end + 1;
      }
      if (held.length + chunk.length - start > maxBytes) onTooLong();
      held.append(chunk.subarray(start, start + maxBytes - held.length));
    },
    end() {
      if (held.length > 0) finish(Buffer.alloc(0));
    },
  };
}

function asText(line: Buffer): string {
  return line.toString('utf8', 0, line.at(-1) === CR ? line.length - 1 : line.length);
}

const LF = 0x0a;
const CR = 0x0d;

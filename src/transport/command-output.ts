import { splitLines } from './line-splitter.js';
import { captureHead, captureTail } from './output-capture.js';
import type { ExecOptions } from './port.js';

/** What one command prints, gathered within bounds and handed out by lines. */
export interface CommandOutput {
  /** Throws what the caller's `onLine` throws, as `end` does. */
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** Hands out a last line that has no newline. */
  end(): void;
  texts(): { readonly stdout: string; readonly stderr: string };
  readonly truncated: boolean;
}

export function createCommandOutput({ keepBytes, onLine }: ExecOptions): CommandOutput {
  const stdout = captureHead(keepBytes ?? DEFAULT_KEEP_BYTES);
  const stderr = captureTail(keepBytes ?? DEFAULT_KEEP_BYTES);
  const lines = onLine === undefined ? null : splitLines(onLine, MAX_LINE_BYTES);
  return {
    stdout(chunk) {
      stdout.add(chunk);
      lines?.add(chunk);
    },
    stderr: (chunk) => stderr.add(chunk),
    end: () => lines?.end(),
    texts: () => ({ stdout: stdout.text(), stderr: stderr.text() }),
    get truncated() {
      return stdout.truncated || stderr.truncated;
    },
  };
}

const DEFAULT_KEEP_BYTES = 1024 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;

import type { ExecOptions } from '../port.js';
import { createAllowance, LINE_BYTES, tooLong } from './allowance.js';
import { splitLines } from './line-splitter.js';
import { captureHead, captureTail } from './output-capture.js';

/** One command's output, kept within limits and passed on by lines. */
export interface CommandOutput {
  /** Throws what the caller's `onLine` throws, as `end` does. */
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** Passes on a last line without a newline. */
  end(): void;
  texts(): {
    readonly stdout: string;
    readonly stderr: string;
    /** True if it printed more than is kept. */
    readonly truncated: boolean;
  };
}

/** `onFlood` is called if the command prints more than it may. */
export function createCommandOutput(
  { keepBytes, budget, maxBytes, onLine }: ExecOptions,
  onFlood: (what: string) => void,
): CommandOutput {
  const stdout = captureHead(keepBytes ?? DEFAULT_KEEP_BYTES, budget);
  const stderr = captureTail(keepBytes ?? DEFAULT_KEEP_BYTES, budget);
  const allowance = createAllowance(maxBytes ?? Number.POSITIVE_INFINITY);
  const longLine = () => onFlood(tooLong());
  const lines = onLine === undefined ? null : splitLines(onLine, LINE_BYTES, longLine);
  const isFlood = (chunk: Buffer): boolean => {
    const what = allowance.take(chunk);
    if (what !== null) onFlood(what);
    return what !== null;
  };
  return {
    stdout(chunk) {
      if (isFlood(chunk)) return;
      stdout.add(chunk);
      lines?.add(chunk);
    },
    stderr(chunk) {
      if (!isFlood(chunk)) stderr.add(chunk);
    },
    end: () => lines?.end(),
    texts: () => ({
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: stdout.truncated || stderr.truncated,
    }),
  };
}

const DEFAULT_KEEP_BYTES = 1024 * 1024;

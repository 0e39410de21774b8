import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Where a person types. */
export type Typing = Readable & { readonly isTTY?: boolean; readonly fd?: number };

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;
const CTRL_C = 0x03;

/**
 * Throws away what was typed, or pasted, before a question was to be seen: that cannot be an answer to
 * it. The terminal has to be in raw mode by now, else the beginning of a line stays in it. True where a
 * Ctrl-C was among it.
 */
export function discardTyped(stdin: Typing): boolean {
  if (stdin.isTTY !== true) return false;
  let interrupts = false;
  for (let chunk = stdin.read(); chunk !== null; chunk = stdin.read()) {
    interrupts ||= Buffer.from(chunk).includes(CTRL_C);
  }
  return stdin.fd === undefined ? interrupts : emptyQueue(stdin.fd) || interrupts;
}

/** What the system still holds for us. Node has no tcflush(3): it is read, by a descriptor that never waits. */
function emptyQueue(fd: number): boolean {
  const terminal = openTerminal(fd);
  if (terminal === null) return false;
  let interrupts = false;
  try {
    const chunk = Buffer.alloc(4096);
    for (let bytes = 1; bytes > 0; ) {
      bytes = readSync(terminal, chunk, 0, chunk.length, null);
      interrupts ||= chunk.subarray(0, bytes).includes(CTRL_C);
    }
  } catch {
    // Empty (EAGAIN), or gone: then no answer comes at all.
  } finally {
    closeSync(terminal);
  }
  return interrupts;
}

/** After `su`, the terminal itself is another account's, but /dev/tty is not; in a new session the other way. */
function openTerminal(fd: number): number | null {
  for (const path of [`/proc/self/fd/${fd}`, '/dev/tty']) {
    try {
      return openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      // The other one may be had.
    }
  }
  return null;
}

/** Whether one piece of input goes on behind the end of its line: a person types no such thing. */
export const isPasted = (chunk: string): boolean => /[\r\n][^\r\n]/.test(chunk);

import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** Where a person types. */
export type Typing = Readable & { readonly isTTY?: boolean; readonly fd?: number };

const { O_NOCTTY, O_NONBLOCK, O_RDONLY } = constants;
const CTRL_C = 0x03;

/**
 * Discards what was typed or pasted before a question was shown: it cannot be an answer. The terminal
 * has to be in raw mode already, else an unfinished line stays in it. Returns true if a Ctrl-C was in it.
 */
export function discardTyped(stdin: Typing): boolean {
  if (stdin.isTTY !== true) return false;
  let interrupts = false;
  for (let chunk = stdin.read(); chunk !== null; chunk = stdin.read()) {
    interrupts ||= Buffer.from(chunk).includes(CTRL_C);
  }
  return stdin.fd === undefined ? interrupts : emptyQueue(stdin.fd) || interrupts;
}

/** Reads what the kernel still buffers, through a descriptor that never waits. Node has no tcflush(3). */
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
    // Empty (EAGAIN), or closed: then no answer comes at all.
  } finally {
    closeSync(terminal);
  }
  return interrupts;
}

/** After `su`, the terminal belongs to another user, but /dev/tty opens; in a new session it is the other way. */
function openTerminal(fd: number): number | null {
  for (const path of [`/proc/self/fd/${fd}`, '/dev/tty']) {
    try {
      return openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      // The other one may open.
    }
  }
  return null;
}

/** Whether one chunk of input continues after the end of a line: typed input never does. */
export const isPasted = (chunk: string): boolean => /[\r\n][^\r\n]/.test(chunk);

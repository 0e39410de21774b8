/** How a call ended, as its end line says: an exit code, or the signal that ended the step. */
export type FramedExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string };

export interface EndLine {
  readonly id: number;
  readonly exit: FramedExit;
}

/**
 * One call as the host program's serve mode reads it: `call <id> <count>`, then one argument a line; `send`
 * instead of `call` if its payload follows. Null if an argument has several lines, which only a command line
 * can carry. Throws for NUL, which no argument can contain.
 */
export function frameCall(
  id: number,
  words: readonly string[],
  word: 'call' | 'send' = 'call',
): string | null {
  const text = words.join('\n');
  if (text.includes('\0')) throw new RangeError('an argument cannot contain a NUL character');
  if (words.some((word) => word.includes('\n'))) return null;
  return `${word} ${id} ${words.length}\n${text}\n`;
}

const END = /^\|end\|(\d{1,15})\|(?:(\d{1,3})|(SIG[A-Z0-9+-]*))$/;

/** The line that ends a call, on stdout and on stderr; undefined for any other line. */
export function readEndLine(line: string): EndLine | undefined {
  if (!line.startsWith('|end|')) return undefined;
  const [, id, code, signal] = END.exec(line) ?? [];
  if (id === undefined) return undefined;
  const exit: FramedExit =
    signal === undefined ? { kind: 'exited', code: Number(code) } : { kind: 'signalled', signal };
  return { id: Number(id), exit };
}

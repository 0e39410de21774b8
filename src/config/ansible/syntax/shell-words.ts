/** A word as a shell would see it, and where it is written. */
export interface ShellWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type ShellWords =
  | { readonly kind: 'words'; readonly words: readonly ShellWord[] }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Splits a line as Python's `shlex.split` does, which Ansible uses for hosts and for arguments of
 * ssh. With `comments` a `#` ends the line, also in the middle of a word.
 */
export function shellWords(line: string, { comments }: { readonly comments: boolean }): ShellWords {
  const words: ShellWord[] = [];
  let at = 0;
  while (at < line.length) {
    if (/[ \t\r\n]/.test(line[at] ?? '')) at += 1;
    else if (comments && line[at] === '#') break;
    else {
      const word = readWord(line, at, comments);
      if (typeof word === 'string') return { kind: 'malformed', reason: word };
      words.push(word);
      at = word.end;
    }
  }
  return { kind: 'words', words };
}

/** The word at an offset, or what is wrong with it. */
function readWord(line: string, start: number, comments: boolean): ShellWord | string {
  let text = '';
  let at = start;
  while (at < line.length) {
    const char = line[at] ?? '';
    if (/[ \t\r\n]/.test(char) || (comments && char === '#')) break;
    if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at);
      if (quoted === null) return 'a quote is not closed';
      text += quoted.text;
      at = quoted.end;
    } else if (char === '\\') {
      if (at + 1 >= line.length) return 'a \\ is the last character';
      text += line[at + 1];
      at += 2;
    } else {
      text += char;
      at += 1;
    }
  }
  return { text, start, end: at };
}

/** In double quotes a backslash is for the quote and for itself; in single ones it is for nothing. */
function readQuoted(line: string, start: number): Omit<ShellWord, 'start'> | null {
  const quote = line[start];
  let text = '';
  for (let at = start + 1; at < line.length; at += 1) {
    const char = line[at];
    if (char === quote) return { text, end: at + 1 };
    const next = line[at + 1];
    if (char === '\\' && quote === '"' && next !== undefined) {
      text += next === '"' || next === '\\' ? next : `\\${next}`;
      at += 1;
    } else text += char;
  }
  return null;
}

import type { Token } from '../script/token.js';

const SKIPPED = /\s+|\/\/[^\n]*|#(?!\[)[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|<\?php|\?>/y;
const NUMBER = /\d[\d_]*(?:\.\d+)?/y;
const WORD = /\$?[A-Za-z_\\][\w\\]*/y;
const MARK = /=>|->|::|[^\s]/y;
const HEREDOC = /<<<\s*(['"]?)([A-Za-z_]\w*)\1\n/y;

/** The tokens of a PHP file. Never throws; linear in the text. */
export function phpTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  const take = (piece: string): void => {
    for (const char of piece) if (char === '\n') line += 1;
    at += piece.length;
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  while (at < text.length) {
    const skipped = match(SKIPPED);
    if (skipped !== null && skipped !== '') {
      take(skipped);
      continue;
    }
    const begins = line;
    const char = text[at] ?? '';
    if (char === '"' || char === "'") {
      const { value, length } = quoted(text, at);
      take(text.slice(at, at + length));
      tokens.push({ kind: 'text', value, interpolated: char === '"', line: begins });
    } else if (char === ';') {
      take(char);
      tokens.push({ kind: 'break', line: begins });
    } else if (match(HEREDOC) !== null) {
      take(heredoc(text, at));
      tokens.push({ kind: 'opaque', line: begins });
    } else {
      const number = match(NUMBER);
      const value = number ?? match(WORD) ?? match(MARK) ?? char;
      const isWord = number === null && /[$A-Za-z_\\]/.test(char);
      take(value);
      if (number !== null) {
        tokens.push({ kind: 'number', value: Number(number.replaceAll('_', '')), line: begins });
      } else tokens.push({ kind: isWord ? 'word' : 'mark', value, line: begins });
    }
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function quoted(text: string, from: number): { readonly value: string; readonly length: number } {
  const close = text[from];
  let value = '';
  let at = from + 1;
  for (; at < text.length && text[at] !== close; at++) {
    if (text[at] !== '\\') value += text[at];
    else {
      at += 1;
      const next = text[at] ?? '';
      const isEscape = close === '"' ? next in ESCAPES : false;
      const isPlain = next === close || next === '\\';
      value += isEscape ? (ESCAPES[next] ?? '') : isPlain ? next : `\\${next}`;
    }
  }
  return { value, length: at + 1 - from };
}

function heredoc(text: string, from: number): string {
  HEREDOC.lastIndex = from;
  const [head = '', , name = ''] = HEREDOC.exec(text) ?? [];
  const rest = text.slice(from + head.length);
  const end = new RegExp(`^[ \\t]*${name}\\b`, 'm').exec(rest);
  return end === null
    ? text.slice(from)
    : text.slice(from, from + head.length + end.index + name.length);
}

/** The value of a string literal of Python, and where it ends; null where it is not a literal. */
export interface ReadString {
  readonly text: string;
  readonly end: number;
  readonly isBytes: boolean;
}

const OPENING = /^([rRbBuU]{0,2})("""|'''|"|')/;
const PREFIXES = new Set(['', 'r', 'b', 'u', 'rb', 'br']);

/** Reads one literal that starts at an offset. `f` strings are not literals for `ast.literal_eval`. */
export function readPythonString(text: string, start: number): ReadString | null {
  const [opening, prefix = '', quote = ''] = OPENING.exec(text.slice(start, start + 5)) ?? [];
  const kind = prefix.toLowerCase();
  if (opening === undefined || !PREFIXES.has(kind)) return null;
  const isRaw = kind.includes('r');
  const isBytes = kind.includes('b');
  let found = '';
  let at = start + opening.length;
  while (!text.startsWith(quote, at)) {
    const char = text[at];
    if (char === undefined || (char === '\n' && quote.length === 1)) return null;
    const escaped = char === '\\' ? readEscape(text.slice(at), { isRaw, isBytes }) : null;
    if (char === '\\' && escaped === null) return null;
    found += escaped?.text ?? char;
    at += escaped?.length ?? 1;
  }
  return { text: found, end: at + quote.length, isBytes };
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** An escape that Python does not know stays as it is written; a name by `\N` is not looked up. */
function readEscape(
  text: string,
  { isRaw, isBytes }: { readonly isRaw: boolean; readonly isBytes: boolean },
): { readonly text: string; readonly length: number } | null {
  const next = text[1];
  if (next === undefined) return null;
  if (isRaw) return { text: `\\${next}`, length: 2 };
  const simple = SIMPLE[next];
  if (simple !== undefined) return { text: simple, length: 2 };
  const octal = /^[0-7]{1,3}/.exec(text.slice(1))?.[0];
  if (octal !== undefined) {
    return { text: String.fromCodePoint(Number.parseInt(octal, 8)), length: 1 + octal.length };
  }
  const width = isBytes && next !== 'x' ? undefined : DIGITS[next];
  if (width === undefined)
    return next === 'N' && !isBytes ? null : { text: `\\${next}`, length: 2 };
  const digits = text.slice(2, 2 + width);
  const code = /^[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
  if (digits.length < width || !(code <= 0x10ffff)) return null;
  return { text: String.fromCodePoint(code), length: 2 + width };
}

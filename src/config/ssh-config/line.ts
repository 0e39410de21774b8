/** One line of an ssh_config, taken apart. */
export type ParsedLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'malformed' }
  /** The keyword in lower case. */
  | { readonly kind: 'directive'; readonly keyword: string; readonly values: readonly string[] };

const BLANK = /^\s*(#|$)/;
/** Spaces, or one `=`, are between the keyword and its values. */
const DIRECTIVE = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/;

/** Parsed line by line, so that a mistake has its line and spoils no other. */
export function parseLine(text: string): ParsedLine {
  if (BLANK.test(text)) return { kind: 'blank' };
  const [, keyword = '', rest = ''] = DIRECTIVE.exec(text.trimEnd()) ?? [];
  const values = wordsOf(rest);
  return values === null || values.every((value) => value === '')
    ? { kind: 'malformed' }
    : { kind: 'directive', keyword: keyword.toLowerCase(), values };
}

/** The words of a line as `argv_split` of OpenSSH's misc.c has them; null where a quote stays open. */
function wordsOf(text: string): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (word === null && char === '#') break;
    if (char === '\\' && isEscapable(next, quote)) {
      word = `${word ?? ''}${next}`;
      at += 1;
    } else if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (quote === null && /["']/.test(char)) {
      quote = char;
      word ??= '';
    } else if (char === quote) quote = null;
    else word = `${word ?? ''}${char}`;
  }
  if (quote !== null) return null;
  return word === null ? words : [...words, word];
}

const isEscapable = (char: string, quote: string | null): boolean =>
  char !== '' && (quote === null ? `"'\\ ` : `"'\\`).includes(char);

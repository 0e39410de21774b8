/**
 * Text from a host, made safe for a terminal, a CI log or a report: escape sequences are removed whole (CSI, OSC, DCS and
 * the rest, also unterminated ones), and so are invisible characters: control characters except newline and tab, bidi
 * controls, zero-width characters. Line separators become spaces. Bytes or surrogates that are no text become U+FFFD.
 */
export function printable(text: string | Uint8Array): string {
  const decoded = typeof text === 'string' ? text : new TextDecoder().decode(text);
  if (PLAIN.test(decoded)) return decoded;
  return decoded
    .replace(ESCAPE_SEQUENCE, '')
    .replace(INVISIBLE, '')
    .replace(SEPARATOR, ' ')
    .replace(LONE_SURROGATE, '\uFFFD');
}

/**
 * As {@link printable}, for one line of a table or a message: newlines and tabs become spaces. Very long text, e.g. a
 * server's reason for hanging up, is cut.
 */
export function printableLine(text: string | Uint8Array): string {
  if (typeof text === 'string' && isTidy(text)) return text;
  return printable(text.slice(0, MOST_OF_A_LINE))
    .replace(/[\n\t ]+/g, ' ')
    .trim();
}

/** As {@link printableLine}, at most `most` characters; longer text ends in an ellipsis. */
export function shortLine(text: string, most: number): string {
  // Cut first: a host may send a line of any length, and cleaning costs more than cutting.
  const line = printableLine(text.slice(0, 4 * most));
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(LONE_SURROGATE, '')}…`;
}

/** Most texts; tested first, since hundreds of hosts send dozens of them. */
const isTidy = (text: string): boolean =>
  text.length <= MOST_OF_A_LINE && ONE_LINE.test(text) && !text.includes('  ');

const ONE_LINE = /^(?! )[\x20-\x7e]*$(?<! )/;

const MOST_OF_A_LINE = 20_000;

/** Most shown texts; nothing in them needs replacing. */
const PLAIN = /^[\x20-\x7e\n\t]*$/;

/**
 * ECMA-48. An unterminated control string (OSC, DCS, SOS, PM, APC) ends with its line, so that it cannot hide what follows.
 */
const ESCAPE_SEQUENCE = new RegExp(
  [
    '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?',
    '(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x9c\\n]*(?:\\x07|\\x1b\\\\|\\x9c)?',
    '\\x1b[ -/]*[0-~]?',
  ].join('|'),
  'g',
);

/**
 * `Cc` is C0, DEL and C1; `Cf` has the bidi controls, zero-width characters and tags; the other invisible characters are
 * default-ignorable. Emoji variation selectors stay.
 */
const INVISIBLE = /(?!\n|\t|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** U+2028 and U+2029, which some readers take as the end of a line. */
const SEPARATOR = /[\p{Zl}\p{Zp}]/gu;

const LONE_SURROGATE = /[\ud800-\udfff]/gu;

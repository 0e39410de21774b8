/**
 * What came from a host, made safe to show in a terminal, a CI log or a report: escape sequences
 * are removed whole (CSI, OSC, DCS and the rest, also when they never end), and so is what cannot be
 * seen: control characters except newline and tab, bidi controls, characters without a width.
 * Separators of lines become spaces. Bytes or surrogates that are no text become U+FFFD.
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
 * As {@link printable}, for one line of a table or a message: newlines and tabs become spaces. Of more
 * than anyone would read, as a server may send for the reason why it hangs up, the rest is left out.
 */
export function printableLine(text: string | Uint8Array): string {
  if (typeof text === 'string' && isTidy(text)) return text;
  return printable(text.slice(0, MOST_OF_A_LINE))
    .replace(/[\n\t ]+/g, ' ')
    .trim();
}

/** As {@link printableLine}, of at most `most` characters; what is longer ends in an ellipsis. */
export function shortLine(text: string, most: number): string {
  // Cut first: a host may send a line of any length, and cleaning costs more than cutting.
  const line = printableLine(text.slice(0, 4 * most));
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(LONE_SURROGATE, '')}…`;
}

/** Most of what comes here; asked first, since hundreds of hosts tell dozens of such texts. */
const isTidy = (text: string): boolean =>
  text.length <= MOST_OF_A_LINE && ONE_LINE.test(text) && !text.includes('  ');

const ONE_LINE = /^(?! )[\x20-\x7e]*$(?<! )/;

const MOST_OF_A_LINE = 20_000;

/** Most of what is shown; nothing in it has to be replaced. */
const PLAIN = /^[\x20-\x7e\n\t]*$/;

/**
 * ECMA-48. A control string (OSC, DCS, SOS, PM, APC) that has no terminator ends with its line,
 * so that it can not hide what follows.
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
 * `Cc` is C0, DEL and C1; `Cf` has the bidi controls, the zero-width characters and tags; the rest
 * that shows nothing is default-ignorable. The selectors of how an emoji looks stay.
 */
const INVISIBLE = /(?!\n|\t|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** U+2028 and U+2029, which some readers take for the end of a line. */
const SEPARATOR = /[\p{Zl}\p{Zp}]/gu;

const LONE_SURROGATE = /[\ud800-\udfff]/gu;

/**
 * What came from a host, made safe to show in a terminal, a CI log or a report: escape sequences
 * are removed whole (CSI, OSC, DCS and the rest, also when they never end), control characters go
 * except newline and tab, bidi overrides go, and bytes or surrogates that are no text become U+FFFD.
 */
export function printable(text: string | Uint8Array): string {
  const decoded = typeof text === 'string' ? text : new TextDecoder().decode(text);
  return decoded
    .replace(ESCAPE_SEQUENCE, '')
    .replace(CONTROL_OR_BIDI, '')
    .replace(LONE_SURROGATE, '\uFFFD');
}

/** As {@link printable}, for one line of a table or a message: newlines and tabs become spaces. */
export function printableLine(text: string | Uint8Array): string {
  return printable(text)
    .replace(/[\n\t ]+/g, ' ')
    .trim();
}

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

/** `Cc` is C0, DEL and C1. */
const CONTROL_OR_BIDI = /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

const LONE_SURROGATE = /[\ud800-\udfff]/gu;

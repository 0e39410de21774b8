/**
 * CSI (`ESC [ … final`), OSC and the other string sequences (`ESC ] … BEL|ST`), and two-character
 * escapes, in their 7-bit and 8-bit forms; ECMA-48. A sequence that never ends is cut at the line,
 * so that it can not swallow what follows.
 */
const ESCAPE =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;

/** C0 but tab and newline, DEL, C1, and what reorders text: embeddings, overrides, isolates. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from a host, a file or a person, made safe for a terminal, a log and a report: without
 * escape sequences and control characters. Tabs and newlines stay; `\r\n` and a lone `\r` become
 * newlines.
 */
export function printable(text: string): string {
  return text
    .replace(/\r+\n?/g, '\n')
    .replace(ESCAPE, '')
    .replace(CONTROL, '');
}

/** The same on one line: newlines and tabs become spaces. */
export function printableLine(text: string): string {
  return printable(text)
    .replace(/[\n\t]+/g, ' ')
    .trim();
}

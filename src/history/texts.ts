/** The longest text that a store keeps, in bytes of UTF-8; the rest is cut. */
const LONGEST_TEXT = 256 * 1024;

/** The longest one by which runs are looked for: an index has no longer ones. */
const LONGEST_NAME = 1024;

/** Ends a text that was cut. */
const CUT = '…';

/**
 * A text as every store can keep it: at most 256 KB, valid Unicode, and without NUL, which PostgreSQL has
 * not.
 */
export function storableText(text: string, longest = LONGEST_TEXT): string {
  const bytes = Buffer.from(text.replaceAll('\0', '\u{fffd}'));
  if (bytes.length <= longest) return bytes.toString();
  let end = longest - Buffer.byteLength(CUT);
  // Not in the middle of a character: its later bytes begin with the bits 10.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.subarray(0, end).toString()}${CUT}`;
}

/** A name of a person or a version. */
export const storableName = (text: string): string => storableText(text, LONGEST_NAME);

/** RFC 3339 with milliseconds, UTC, so that the order of texts is the order of times; other texts stay. */
export function storableTime(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

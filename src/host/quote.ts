const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/**
 * One word for a POSIX shell that stands for exactly `text`. Throws for NUL, which no argument
 * can hold.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('an argument can not hold a NUL character');
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command line that runs exactly these arguments. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

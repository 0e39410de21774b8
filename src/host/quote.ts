const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/**
 * One word that stands for exactly `text` in POSIX shells, fish and csh, which may all be login shells: fish
 * interprets a backslash within quotes, csh a `!`. csh has no words of several lines. Throws for NUL, which no
 * argument can contain.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('an argument cannot contain a NUL character');
  return PLAIN.test(text) ? text : `'${text.replace(/['\\!]/g, `'\\$&'`)}'`;
}

/** A command line that runs exactly these arguments. */
export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/**
 * A path as one word. One below `~/` begins with `home` instead, unquoted: a quoted tilde is no home.
 * `home` is as a shell reads it, e.g. `~`, `~deploy` or `"$HOME"`.
 */
export function quotePath(path: string, home = '~'): string {
  return path.startsWith('~/') ? `${home}/${quote(path.slice(2))}` : quote(path);
}

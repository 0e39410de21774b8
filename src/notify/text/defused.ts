const ZERO_WIDTH = '\u200b';

/**
 * Text of hosts and files for a client that would make a link or a mention of it: the same to read, with an
 * invisible character after each `@` and `<`, and in each `://`, `www.` and `mailto:`. Escape it for the markup too.
 */
export const defused = (text: string): string =>
  text
    .replace(/[@<]/g, `$&${ZERO_WIDTH}`)
    .replaceAll('://', `:${ZERO_WIDTH}//`)
    .replace(/(www|mailto|tel)([.:])/gi, `$1${ZERO_WIDTH}$2`);

import { printable } from '../../errors/printable.js';

/**
 * A line as it is written: its colours stay, all other control characters are removed. Texts are made
 * safe when they are read; this is the second barrier.
 */
export function ownLine(line: string): string {
  if (PLAIN.test(line)) return line;
  return line
    .split(COLOURS)
    .map((part, at) => (at % 2 === 1 ? part : printable(part)))
    .join('');
}

const PLAIN = /^[\x20-\x7e]*$/;
const COLOURS = /(\x1b\[[0-9;]*m)/;

import { printable } from '../../errors/printable.js';

/**
 * A line as it is written, whatever is in it by then: its colours stay, all else that a terminal
 * obeys goes. Texts are made safe where they come in; this is for those that someone forgot.
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

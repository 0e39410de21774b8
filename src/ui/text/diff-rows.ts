import { printableLine } from '../../errors/printable.js';
import type { Style } from '../terminal/style.js';
import { diffLines } from './diff-lines.js';

/** Lines that are shown above and below a change. */
const AROUND = 2;

/** What differs between two texts, as it is shown: coloured, and safe for a terminal. */
export function diffRows(before: string, after: string, style: Style): readonly string[] {
  return diffLines(before, after, AROUND).map((line) => {
    const sign = /^[+-] | {2}/.exec(line)?.[0] ?? '';
    const shown = `${sign}${printableLine(line.slice(sign.length))}`.trimEnd();
    if (sign === '+ ') return style.green(shown);
    return sign === '- ' ? style.red(shown) : style.dim(shown);
  });
}

import { printableLine } from '../../../errors/printable.js';
import type { Style } from '../../terminal/style.js';

/** What `init` wrote, what is only a proposal, and what was left out, line by line. */
export interface InitReport {
  readonly names: readonly string[];
  readonly notes: readonly string[];
  readonly leftOut: readonly {
    readonly file: string;
    readonly line: number;
    readonly what: string;
    readonly why: string;
    readonly todo: string;
  }[];
}

export function initLines({ names, notes, leftOut }: InitReport, style: Style): readonly string[] {
  return [
    ...names.map((name) => `wrote ${printableLine(name)}`),
    ...notes.map((note) => `${style.yellow(style.symbols.warning)} ${printableLine(note)}`),
    ...(leftOut.length === 0 ? [] : ['', 'Left out:']),
    ...leftOut.flatMap(({ file, line, what, why, todo }) => [
      `  ${style.bold(`${printableLine(file)}:${line}`)}  ${printableLine(what)}`,
      `      ${why}; ${printableLine(todo)}`,
    ]),
    ...(leftOut.length === 0 ? [] : ['']),
    'Edit both, then: fleet check',
  ];
}

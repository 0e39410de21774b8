import { printableLine } from '../../../errors/printable.js';
import type { Style } from '../../terminal/style.js';

/** What `init` wrote, what is only a proposal, and what was left out, line by line. */
export interface InitReport {
  /** The tool whose files were read; null if none were. */
  readonly tool: string | null;
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

export function initLines(
  { tool, names, notes, leftOut }: InitReport,
  style: Style,
): readonly string[] {
  return [
    ...names.map((name) => `wrote ${printableLine(name)}`),
    ...notes.map((note) => `${style.yellow(style.symbols.warning)} ${printableLine(note)}`),
    ...(leftOut.length === 0 ? [] : ['', 'Left out:']),
    ...leftOut.flatMap(({ file, line, what, why, todo }) => [
      `  ${style.bold(`${printableLine(file)}:${line}`)}  ${printableLine(what)}`,
      `      ${why}; ${printableLine(todo)}`,
    ]),
    '',
    'Edit both, then: fleet check',
    ...(tool === null || tool === 'kamal'
      ? []
      : ['Then see what fleet would take over on the hosts: fleet adopt -g GROUP --dry-run']),
  ];
}

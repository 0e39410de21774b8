import { printableLine } from '../../../errors/printable.js';
import { countText } from '../../../model/text/count-text.js';
import type { Style } from '../../terminal/style.js';

/** What was found out of one file of records. */
export interface VerifyRow {
  /** As it is shown. */
  readonly file: string;
  readonly run: string | null;
  readonly state: 'intact' | 'unchained' | 'incomplete' | 'changed';
  readonly lines: number;
  readonly chainedFrom: number | null;
  readonly intactThrough: number;
  readonly head: string | null;
  readonly notes: readonly string[];
}

/** Files with something to say, then how many are as they should be; all of them if `verbose`. */
export function verifyLines(
  rows: readonly VerifyRow[],
  { style, verbose }: { readonly style: Style; readonly verbose: boolean },
): readonly string[] {
  const told = rows.filter((row) => verbose || row.run === null || isOdd(row));
  const rest = rows.filter((row) => !told.includes(row));
  const lines = told.flatMap((row) => rowLines(row, { style, verbose }));
  return lines.length + rest.length === 0 ? ['No records yet.'] : [...lines, ...restLines(rest)];
}

const isOdd = ({ state }: VerifyRow): boolean => state === 'changed' || state === 'incomplete';

function rowLines(
  row: VerifyRow,
  { style, verbose }: { readonly style: Style; readonly verbose: boolean },
): readonly string[] {
  const { state, lines, intactThrough, head } = row;
  const paint = {
    intact: style.green,
    unchained: style.yellow,
    incomplete: style.yellow,
    changed: style.red,
  }[state];
  const many = countText(lines, 'line');
  const through =
    state === 'changed' && intactThrough < lines
      ? `, intact through line ${intactThrough} of ${lines}`
      : `, ${many}`;
  return [
    `${printableLine(row.file)}: ${paint(state)}${through}`,
    ...row.notes.map((note) => `  ${printableLine(note)}`),
    ...(verbose && head !== null ? [`  last digest ${head}`] : []),
  ];
}

function restLines(rows: readonly VerifyRow[]): readonly string[] {
  const [intact, old] = [
    rows.filter(({ state }) => state === 'intact').length,
    rows.filter(({ state }) => state === 'unchained').length,
  ];
  return [
    ...(intact === 0 ? [] : [`${countText(intact, 'journal')}: intact`]),
    ...(old === 0 ? [] : [`${countText(old, 'journal')}: from before lines had digests`]),
  ];
}

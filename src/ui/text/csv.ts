import { printable } from '../../errors/printable.js';

export type CsvValue = string | number | null;

/** A table after RFC 4180, with its titles in the first line. No cell is a formula in a spreadsheet. */
export function csvText(titles: readonly string[], rows: Iterable<readonly CsvValue[]>): string {
  return [titles, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

/** Spreadsheets calculate what begins so, also behind spaces; the wide forms are those of East Asian keyboards. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/;

function cellText(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = printable(value);
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

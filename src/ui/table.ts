import { printableLine } from '../errors/printable.js';
import type { Style } from './style.js';
import { displayWidth, padEnd, padStart, truncate } from './width.js';

/** One cell; `paint` colours it after it was measured. */
export interface Cell {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right' | undefined;
  readonly cell: (row: Row) => Cell | string;
}

export interface TableLook {
  readonly style: Style;
  /** Columns of the terminal; null for a file or a pipe, where nothing is cut. */
  readonly width: number | null;
}

/** Rows under their titles, aligned, one line each; columns that are empty in every row are left out. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  look: TableLook,
): readonly string[] {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => toCell(column.cell(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell.text !== ''));
  const widths = filled.map(({ column, cells }) =>
    Math.max(displayWidth(column.title), ...cells.map((cell) => displayWidth(cell.text))),
  );
  const line = (cells: readonly Cell[]): string => {
    const parts = cells.map((cell, i) => {
      const pad = filled[i]?.column.align === 'right' ? padStart : padEnd;
      const padded = pad(cell.text, widths[i] ?? 0);
      return cell.paint === undefined ? padded : cell.paint(padded);
    });
    const whole = parts.join(GAP).trimEnd();
    return look.width === null ? whole : truncate(whole, look.width, look.style.symbols.ellipsis);
  };
  const titles = filled.map(({ column }) => ({ text: column.title, paint: look.style.bold }));
  const body = rows.map((_, i) => line(filled.map(({ cells }) => cells[i] ?? { text: '' })));
  return rows.length === 0 ? [] : [line(titles), ...body];
}

const GAP = '  ';

function toCell(cell: Cell | string): Cell {
  if (typeof cell === 'string') return { text: printableLine(cell) };
  return { ...cell, text: printableLine(cell.text) };
}

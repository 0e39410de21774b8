import { printableLine } from '../../errors/printable.js';
import type { Style } from '../terminal/style.js';
import { displayWidth, padEnd, padStart, truncate } from '../terminal/width.js';

/** One cell; `paint` colours it after it is measured. */
export interface Cell {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right' | undefined;
  /** Left out if the terminal is too narrow for all columns; `first`: before the others are; `last`: after them. */
  readonly optional?: Optional;
  readonly cell: (row: Row) => Cell | string;
}

type Optional = boolean | 'first' | 'last' | undefined;

export interface TableLook {
  readonly style: Style;
  /** Columns of the terminal; null for a file or a pipe: nothing is cut there. */
  readonly width: number | null;
}

/** Aligned rows under their titles, one line each. Columns that are empty in every row are left out. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  look: TableLook,
): readonly string[] {
  if (rows.length === 0) return [];
  const { style, width } = look;
  const all = columns.map((column) => measured(column, rows)).filter((column) => column.filled);
  const fewer = all.filter((column) => column.optional !== 'first');
  const least = fewer.filter((column) => column.optional !== true);
  const fits = (some: typeof all): boolean => width === null || totalWidth(some) <= width;
  const shown =
    [all, fewer, least].find(fits) ?? least.filter(({ optional }) => optional !== 'last');
  return [undefined, ...rows.keys()].map((row) => {
    const line = shown
      .map((column) => cellText(column, row, style))
      .join(GAP)
      .trimEnd();
    return width === null ? line : truncate(line, width, style.symbols.ellipsis);
  });
}

const GAP = '  ';

interface MeasuredColumn {
  readonly title: string;
  readonly align: 'left' | 'right' | undefined;
  readonly optional: Optional;
  readonly cells: readonly Cell[];
  readonly width: number;
  readonly filled: boolean;
}

function measured<Row>(column: Column<Row>, rows: readonly Row[]): MeasuredColumn {
  const { title, align, optional } = column;
  const cells = rows.map((row) => toCell(column.cell(row)));
  const width = cells.reduce(
    (widest, cell) => Math.max(widest, displayWidth(cell.text)),
    displayWidth(title),
  );
  return { title, align, optional, cells, width, filled: cells.some((cell) => cell.text !== '') };
}

const totalWidth = (columns: readonly MeasuredColumn[]): number =>
  columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length);

/** The cell of a row; without a row, the column's title. */
function cellText(column: MeasuredColumn, row: number | undefined, style: Style): string {
  const cell = row === undefined ? { text: column.title, paint: style.bold } : column.cells[row];
  const pad = column.align === 'right' ? padStart : padEnd;
  const padded = pad(cell?.text ?? '', column.width);
  return cell?.paint === undefined ? padded : cell.paint(padded);
}

function toCell(cell: Cell | string): Cell {
  if (typeof cell === 'string') return { text: printableLine(cell) };
  return { ...cell, text: printableLine(cell.text) };
}

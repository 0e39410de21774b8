import { printableLine } from '../../../errors/printable.js';
import { formatDuration } from '../../../model/text/duration.js';
import { groupBy } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';
import { displayWidth, padEnd, truncate } from '../../terminal/width.js';
import type { TableLook } from '../../text/table.js';

/** One setting of a host and where it comes from. */
export interface OriginRow {
  readonly setting: string;
  readonly value: string | number | boolean | null | readonly string[];
  readonly source: string;
  readonly files: readonly string[];
  readonly line: number | null;
  readonly column: number | null;
}

export interface OriginHost {
  readonly name: string;
  readonly settings: readonly OriginRow[];
}

interface OriginLook extends TableLook {
  /** Written as `~` in front of a path. */
  readonly home: string;
}

/** Hosts that differ only in their addresses share a block. Blocks are in the order of their first host. */
export function originLines(hosts: readonly OriginHost[], look: OriginLook): readonly string[] {
  if (hosts.length === 0) return ['No hosts.'];
  const blocks = groupBy(hosts, ({ settings }) =>
    JSON.stringify(settings.filter(({ setting }) => setting !== 'address')),
  );
  return blocks.flatMap((block, index) => [...(index > 0 ? [''] : []), ...blockLines(block, look)]);
}

interface Cells {
  readonly setting: string;
  readonly value: string;
  readonly from: string;
}

function blockLines(block: readonly OriginHost[], look: OriginLook): readonly string[] {
  const { style, width } = look;
  const names = block.map(({ name }) => name);
  const count = names.length === 1 ? '' : ` (${names.length} hosts)`;
  const title = `${namesText(names, (width ?? 80) - count.length - 12)}${count}`;
  const rest = block[0]?.settings.filter(({ setting }) => setting !== 'address') ?? [];
  const rows = [addressCells(block, look), ...rest.flatMap((row) => cellsOf(row, look))];
  const cut = (line: string): string =>
    width === null ? line : truncate(line, width, style.symbols.ellipsis);
  return [style.bold(cut(printableLine(title))), ...alignedLines(rows, look).map(cut)];
}

/** Columns that a value has at least; in a narrower terminal, whole lines are cut. */
const NARROWEST = 8;

/** Values are cut first, so that their origin stays readable. */
function alignedLines(rows: readonly Cells[], { style, width }: OriginLook): readonly string[] {
  const widest = (pick: (row: Cells) => string): number =>
    rows.reduce((most, row) => Math.max(most, displayWidth(pick(row))), 0);
  const settings = widest((row) => row.setting);
  const wanted = widest((row) => row.value);
  const room = width === null ? wanted : width - settings - widest((row) => row.from) - 6;
  const values = Math.min(wanted, Math.max(room, NARROWEST));
  return rows.map(({ setting, value, from }) => {
    const shown = truncate(value, values, style.symbols.ellipsis);
    const source = from === 'default' ? style.dim(from) : from;
    return `  ${padEnd(setting, settings)}  ${padEnd(shown, values)}  ${source}`.trimEnd();
  });
}

/** One line for each value: lists of files are long. */
function cellsOf(row: OriginRow, look: OriginLook): readonly Cells[] {
  const values = Array.isArray(row.value) ? row.value : [row.value];
  const texts = values.map((value) => valueText(row.setting, value, look));
  const from = fromText(row);
  return (texts.length > 0 ? texts : ['none']).map((value, index) => ({
    setting: index === 0 ? row.setting : '',
    value,
    from: index === 0 ? from : '',
  }));
}

function addressCells(block: readonly OriginHost[], look: OriginLook): Cells {
  const rows = block.flatMap(({ settings }) => settings.filter((row) => row.setting === 'address'));
  const [first] = rows;
  const cell = first === undefined ? undefined : cellsOf(first, look)[0];
  if (cell === undefined || rows.length === 1) return cell ?? { setting: '', value: '', from: '' };
  if (rows.every(({ source }) => source === 'default')) return { ...cell, value: 'as named' };
  const files = [...new Set(rows.map(({ source, files: [file] }) => file ?? source))];
  return { ...cell, value: `${rows.length} addresses`, from: files.join(', ') };
}

function valueText(setting: string, value: unknown, look: OriginLook): string {
  if (value === null) return setting === 'config_file' ? "ssh's own" : 'none';
  if (typeof value === 'number' && /^(connect_timeout|keepalive)$/.test(setting)) {
    return formatDuration(value);
  }
  const text = printableLine(String(value));
  return text.startsWith(`${look.home}/`) ? `~${text.slice(look.home.length)}` : text;
}

function fromText({ source, files, line, column }: OriginRow): string {
  if (files.length === 0) return source;
  const place = line === null ? '' : `:${line}:${column}`;
  return printableLine(`${files.join(', ')}${place}`);
}

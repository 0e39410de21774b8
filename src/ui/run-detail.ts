import { printableLine } from '../errors/printable.js';
import type { HostResult } from '../model/run.js';
import { localTime } from './amounts.js';
import { failureBlock } from './failure.js';
import { type HistoryRow, runHeaderLines } from './history-table.js';
import { type TableLook, tableLines } from './table.js';
import { stageText } from './words.js';

/** One run as the history keeps it. */
export interface RunDetail extends HistoryRow {
  readonly hosts: readonly HostResult[];
  readonly events: readonly { readonly at: string; readonly detail: string }[];
}

/** One run, host by host: what came of each, why, and the decisions on the way. */
export function runDetailLines(run: RunDetail, look: TableLook): readonly string[] {
  const { style } = look;
  const hosts = tableLines<HostResult>(
    [
      { title: 'HOST', cell: ({ host }) => host },
      { title: 'WAVE', align: 'right', cell: ({ wave }) => (wave === null ? '' : `${wave + 1}`) },
      { title: 'STATE', cell: ({ state }) => stageText(state) },
      { title: 'FROM', cell: ({ from }) => from ?? style.symbols.dash },
      { title: 'NOW', cell: ({ to }) => to ?? style.symbols.dash },
    ],
    run.hosts,
    look,
  );
  const failures = run.hosts.flatMap(({ host, error }) =>
    error === undefined ? [] : ['', ...failureBlock(host, error, style)],
  );
  const events = run.events.map(
    ({ at, detail }) => `  ${style.dim(localTime(at))}  ${printableLine(detail)}`,
  );
  return [...runHeaderLines(run, style), '', ...events, '', ...hosts, ...failures];
}

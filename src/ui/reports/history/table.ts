import { printableLine, shortLine } from '../../../errors/printable.js';
import type { RunState } from '../../../model/runs/run.js';
import { countText } from '../../../model/text/count-text.js';
import type { Style } from '../../terminal/style.js';
import { durationText, localDateTime } from '../../text/format.js';
import { endText } from '../../text/labels.js';
import { type TableLook, tableLines } from '../../text/table.js';
import { identityLines, type RecordedIdentity } from './identity.js';

/** One run of the history. Its end is null while it runs, and if its controller died. */
export interface HistoryRow {
  readonly run: string;
  readonly kind: string;
  readonly app: string;
  readonly group: string;
  readonly operator: string;
  /** Who the operator is, as far as that was recorded. */
  readonly identity?: RecordedIdentity | null;
  readonly release: { readonly id: string };
  readonly reason: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly state: RunState | null;
  readonly hostCount: number;
}

/** Newest first, as given. `several`: the runs may be of several apps; `isNarrowed`: not all runs were asked for. */
export function historyLines(
  rows: readonly HistoryRow[],
  look: TableLook & { readonly several?: boolean; readonly isNarrowed?: boolean },
): readonly string[] {
  const { style } = look;
  const lines = tableLines<HistoryRow>(
    [
      { title: 'STARTED', optional: true, cell: (row) => localDateTime(row.startedAt) },
      { title: 'RUN', cell: (row) => row.run },
      ...(look.several === true ? [{ title: 'APP', cell: (row: HistoryRow) => row.app }] : []),
      { title: 'KIND', optional: 'last', cell: (row) => row.kind },
      { title: 'GROUP', optional: true, cell: (row) => row.group },
      { title: 'RELEASE', cell: (row) => row.release.id },
      { title: 'HOSTS', align: 'right', optional: true, cell: (row) => String(row.hostCount) },
      { title: 'BY', optional: true, cell: (row) => row.operator },
      { title: 'TOOK', align: 'right', optional: true, cell: tookText },
      {
        title: 'STATE',
        cell: (row) => ({ ...stateCell(row.state, style), text: stateWords(row.state) }),
      },
      {
        title: 'REASON',
        optional: 'first',
        cell: (row) => shortLine(row.reason ?? '', REASON_WIDTH),
      },
    ],
    rows,
    look,
  );
  if (lines.length > 0) return lines;
  return [look.isNarrowed === true ? 'The history has no such run.' : 'No runs yet.'];
}

/** `fleet show` has it whole. */
const REASON_WIDTH = 40;

/** How a run ended, with a colour; also for the header of one run. */
function stateCell(state: RunState | null, style: Style) {
  if (state === null) return { text: 'not ended', paint: style.yellow };
  const fine = state === 'succeeded';
  const warned = state === 'succeeded_partial' || state === 'aborted_clean' || state === 'refused';
  return { text: endText(state), paint: fine ? style.green : warned ? style.yellow : style.red };
}

/** `fleet show` tells more. */
const stateWords = (state: RunState | null): string =>
  state === null ? 'not ended' : STATE_WORDS[state];

const STATE_WORDS: Readonly<Record<RunState, string>> = {
  succeeded: 'succeeded',
  succeeded_partial: 'hosts skipped',
  stopped_mixed: 'mixed',
  rolled_back: 'rolled back',
  rollback_incomplete: 'rollback incomplete',
  aborted_clean: 'stopped early',
  refused: 'refused',
  paused: 'paused',
  fenced: 'fenced out',
};

/** The first lines of `fleet show`. */
export function runHeaderLines(row: HistoryRow, style: Style): readonly string[] {
  const { text, paint } = stateCell(row.state, style);
  const took = tookText(row);
  return [
    style.bold(`${row.kind} of ${row.app} ${row.release.id} to ${row.group}`),
    `  run      ${row.run}`,
    `  by       ${row.operator}, ${localDateTime(row.startedAt)}`,
    ...identityLines(row.identity ?? null),
    ...(row.reason === null ? [] : [`  reason   ${printableLine(row.reason)}`]),
    `  hosts    ${countText(row.hostCount, 'host')}${took === '' ? '' : `, ${took}`}`,
    `  state    ${paint(text)}`,
  ];
}

function tookText(row: HistoryRow): string {
  if (row.endedAt === null) return '';
  return durationText(Date.parse(row.endedAt) - Date.parse(row.startedAt));
}

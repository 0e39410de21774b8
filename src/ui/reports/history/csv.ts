import { type CsvValue, csvText } from '../../text/csv.js';
import type { HistoryRow } from './table.js';

/** A run with what only scripts and spreadsheets ask for. */
export interface HistoryCsvRow extends HistoryRow {
  readonly bastion: string;
  readonly person: string | null;
  readonly release: {
    readonly id: string;
    readonly version: string;
    readonly commit: string | null;
    readonly committedAt?: string | null | undefined;
  };
  readonly exitCode: number | null;
}

const COLUMNS: readonly (readonly [title: string, value: (row: HistoryCsvRow) => CsvValue])[] = [
  ['run', ({ run }) => run],
  ['kind', ({ kind }) => kind],
  ['app', ({ app }) => app],
  ['group', ({ group }) => group],
  ['release', ({ release }) => release.id],
  ['version', ({ release }) => release.version],
  ['commit', ({ release }) => release.commit],
  ['committed_at', ({ release }) => release.committedAt ?? null],
  ['hosts', ({ hostCount }) => hostCount],
  ['operator', ({ operator }) => operator],
  ['bastion', ({ bastion }) => bastion],
  ['person', ({ person }) => person],
  ['reason', ({ reason }) => reason],
  ['started_at', ({ startedAt }) => startedAt],
  ['ended_at', ({ endedAt }) => endedAt],
  ['seconds', secondsOf],
  ['state', ({ state }) => state],
  ['exit_code', ({ exitCode }) => exitCode],
];

function secondsOf({ startedAt, endedAt }: HistoryCsvRow): number | null {
  return endedAt === null ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

export const historyCsv = (rows: readonly HistoryCsvRow[]): string =>
  csvText(
    COLUMNS.map(([title]) => title),
    rows.map((row) => COLUMNS.map(([, value]) => value(row))),
  );

import { printableLine } from '../../../errors/printable.js';
import type { HostResultState } from '../../../model/runs/run.js';
import { localDateTime } from '../../text/format.js';
import { stageText } from '../../text/labels.js';
import type { TableLook } from '../../text/table.js';
import { labelledLines } from '../../text/wrap.js';
import type { HistoryRow } from './table.js';

export const GAP_KINDS = [
  'unsure',
  'unfinished',
  'under-way',
  'contradicted',
  'adopted',
  'not-brought',
] as const;

/** Where the record has a hole: the run that shows it, and what it means for a person. */
export interface GapRow {
  readonly kind: (typeof GAP_KINDS)[number];
  readonly run: string | null;
  readonly text: string;
}

/** One app on a host at a moment. */
export interface HostAtRow {
  readonly app: string;
  readonly release: string | null;
  readonly version: string | null;
  /** False if the host may have been on another release. */
  readonly sure: boolean;
  readonly seen: { readonly run: string; readonly state: HostResultState; readonly at: string };
  readonly brought: (HistoryRow & { readonly at: string }) | null;
  readonly gaps: readonly GapRow[];
}

interface HostAtReport {
  readonly host: string;
  readonly at: string;
  readonly apps: readonly HostAtRow[];
}

/** What a host was on, for each app, and how the history knows. */
export function hostAtLines({ host, at, apps }: HostAtReport, look: TableLook): readonly string[] {
  const head = look.style.bold(`${printableLine(host)} at ${localDateTime(at)}`);
  return [head, ...apps.flatMap((row) => ['', ...rowLines(row, look)])];
}

function rowLines(row: HostAtRow, { style, width }: TableLook): readonly string[] {
  const { app, release, version, sure, seen, brought, gaps } = row;
  const line = (label: string, text: string): readonly string[] =>
    labelledLines(`  ${label}`, printableLine(text), { indent: INDENT, width });
  const named = version === null || version === release ? '' : ` (${version})`;
  const doubt = sure ? '' : ', but the record has a gap';
  const isSame = brought !== null && brought.run === seen.run;
  return [
    style.bold(`App ${printableLine(app)}`),
    ...line('release', `${release ?? 'none'}${named}${doubt}`),
    ...(brought === null ? [] : line('since', localDateTime(brought.at))),
    ...(brought === null ? [] : line('by', `${brought.operator}, ${brought.kind} ${brought.run}`)),
    ...(brought === null || brought.reason === null ? [] : line('reason', brought.reason)),
    ...(isSame
      ? []
      : line('seen', `${localDateTime(seen.at)}, ${stageText(seen.state)} in run ${seen.run}`)),
    ...gaps.flatMap(({ text }) => line('gap', text)).map(style.yellow),
  ];
}

const INDENT = 11;

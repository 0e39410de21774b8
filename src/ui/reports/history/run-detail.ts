import { printableLine } from '../../../errors/printable.js';
import { causesOf } from '../../../model/runs/alike.js';
import type { HostResult } from '../../../model/runs/run.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import { failureBlock } from '../../text/failure.js';
import { localTime } from '../../text/format.js';
import { stageText } from '../../text/labels.js';
import { type TableLook, tableLines } from '../../text/table.js';
import { type HookRow, hookLines } from './hooks.js';
import { type HistoryRow, runHeaderLines } from './table.js';

/** One run as the history keeps it. */
export interface RunDetail extends HistoryRow {
  readonly hosts: readonly HostResult[];
  readonly events: readonly { readonly at: string; readonly detail: string }[];
  /** Where its journal is, with every event of the run. */
  readonly journal: { readonly bastion: string; readonly here: boolean };
  /** Null if this bastion does not have the journal of the run. */
  readonly hooks: readonly HookRow[] | null;
}

/** With more hosts than these, hosts with the same result share a line. */
const MOST_UNFOLDED = 20;

/** One run: its decisions, why hosts failed (one block for each cause), and the result of each host. */
export function runDetailLines(run: RunDetail, look: TableLook): readonly string[] {
  const { style } = look;
  const groups = groupBy(
    run.hosts,
    run.hosts.length > MOST_UNFOLDED ? outcomeOf : ({ host }) => host,
  );
  const hosts = tableLines<(typeof groups)[number]>(
    [
      { title: 'HOST', cell: (same) => countedNames(same.map(({ host }) => host)) },
      {
        title: 'WAVE',
        align: 'right',
        cell: ([{ wave }]) => (wave === null ? '' : `${wave + 1}`),
      },
      { title: 'STATE', cell: ([{ state }]) => stageText(state) },
      { title: 'FROM', cell: ([{ from }]) => from ?? style.symbols.dash },
      { title: 'NOW', cell: ([{ to }]) => to ?? style.symbols.dash },
    ],
    groups,
    look,
  );
  const failures = causesOf(
    run.hosts.flatMap(({ host, error }) => (error === undefined ? [] : [{ host, failure: error }])),
  ).flatMap(({ hosts: failed, message, hint, first }) => [
    ...failureBlock(countedNames(failed), { ...first, message, hint }, style),
    '',
  ]);
  const events = run.events.map(
    ({ at, detail }) => `  ${style.dim(localTime(at))}  ${printableLine(detail)}`,
  );
  const hooks = hookLines(run.hooks ?? [], run.hosts, look);
  return [
    ...runHeaderLines(run, style),
    journalLine(run),
    '',
    ...events,
    '',
    ...hooks,
    ...failures,
    ...hosts,
  ];
}

const journalLine = ({ journal: { bastion, here } }: RunDetail): string =>
  `  journal  ${here ? 'on this bastion' : `on ${printableLine(bastion)}, which also shows each run of a hook`}`;

const outcomeOf = ({ wave, state, from, to }: HostResult): string =>
  JSON.stringify([wave, state, from, to]);

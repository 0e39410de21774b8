import type { HostFailure } from '../../../errors/host-failure.js';
import { printableLine } from '../../../errors/printable.js';
import type { ServingBy } from '../../../model/hosts/serving-by.js';
import { causeKey, causesOf } from '../../../model/runs/alike.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames, namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { failureText } from '../../text/labels.js';
import { type Column, type TableLook, tableLines } from '../../text/table.js';

/** A unit file that someone has changed on a host since its release was deployed. */
export interface ChangedUnitFile {
  readonly unit: string;
  /** What is installed under its name. `link`: masked, or an alias. */
  readonly found: 'absent' | 'file' | 'link';
  /** The lines that the release has brought, and those that are installed; null if no file is. */
  readonly brought: readonly string[];
  readonly installed: readonly string[] | null;
}

/** One host as `fleet status` reads it; a row of its `--json` too. */
export interface StatusRow {
  readonly host: string;
  readonly reachable: boolean;
  /** The release that `current` names; null without one, or if the host was not read. */
  readonly release: string | null;
  readonly commit: string | null;
  /** The host's phase; `idle` between runs. */
  readonly phase: string | null;
  readonly unit: {
    readonly active: string;
    readonly sub: string;
    readonly mainPid: number;
  } | null;
  /** The release that the process runs; null if not known. */
  readonly serving: string | null;
  /** How that is known. */
  readonly servingBy: ServingBy | null;
  /** `current` is not where fleet left it. This and the next two are null if the host was not read. */
  readonly linkMoved: boolean | null;
  /** A process was started before `current` was last moved. */
  readonly restartPending: boolean | null;
  /** A process is not the one that fleet verified. This is not an error. */
  readonly restarted: boolean | null;
  /** What is not as it should be, in a few words; null if all is well or nothing is known. */
  readonly drift: string | null;
  /** Unit files that are not as the current release has brought them; null if the host was not read. */
  readonly unitFiles: readonly ChangedUnitFile[] | null;
  readonly error?: HostFailure | undefined;
}

/** With more hosts than these, hosts in the same state share a line. */
const MOST_UNFOLDED = 20;

/**
 * A table of host, release, commit, unit and drift, and below it what is wrong on which hosts. With
 * `all`, each host has its own line.
 */
export function statusLines(
  rows: readonly StatusRow[],
  look: TableLook & { readonly all: boolean },
): readonly string[] {
  const groups =
    look.all || rows.length <= MOST_UNFOLDED ? rows.map((row) => [row]) : foldRows(rows);
  const table = tableLines(columnsFor(look.style, groups), groups, look);
  const troubles = troubleLines(rows, look.style);
  return troubles.length === 0 ? table : [...table, '', ...troubles];
}

/** One line for each cause. Hosts that could not be read come first. */
function troubleLines(rows: readonly StatusRow[], style: Style): readonly string[] {
  const errors = rows.flatMap(({ host, error }) =>
    error === undefined ? [] : [{ host, failure: error }],
  );
  const drifts = groupBy(
    rows.filter((row) => row.error === undefined && troubleOf(row) !== ''),
    troubleOf,
  );
  return [
    ...causesOf(errors).map(({ hosts, message, first }) => ({
      hosts,
      text: failureText({ ...first, message }),
    })),
    ...drifts.map((same) => ({ hosts: same.map(({ host }) => host), text: troubleOf(same[0]) })),
  ].map(
    ({ hosts, text }) =>
      `${style.yellow(`${style.symbols.warning} ${countedNames(hosts)}`)}  ${printableLine(text)}`,
  );
}

type Group = readonly StatusRow[];

function foldRows(rows: readonly StatusRow[]): readonly Group[] {
  return groupBy(rows, ({ host, release, phase, unit, serving, restarted, drift, error }) =>
    JSON.stringify([
      release,
      phase,
      unit?.active,
      unit?.sub,
      serving,
      restarted,
      drift,
      error && causeKey({ host, failure: error }),
    ]),
  );
}

function columnsFor(style: Style, groups: readonly Group[]): readonly Column<Group>[] {
  const folded = groups.some((group) => group.length > 1);
  const { dash } = style.symbols;
  const first = (show: (row: StatusRow) => string) => (group: Group) =>
    group[0] === undefined ? '' : show(group[0]);
  return [
    {
      title: 'HOSTS',
      align: 'right',
      cell: (group) => (folded ? String(group.length) : ''),
    },
    {
      title: 'HOST',
      cell: (group) =>
        namesText(
          group.map((row) => row.host),
          folded ? 24 : 60,
        ),
    },
    { title: 'RELEASE', cell: first((row) => row.release ?? dash) },
    // The id of a release ends in its commit, if it has one.
    { title: 'COMMIT', optional: true, cell: first((row) => row.commit?.slice(0, 7) ?? dash) },
    {
      title: 'UNIT',
      cell: (group) => {
        const text = unitText(group[0], dash);
        return { text, paint: group[0]?.unit?.active === 'active' ? style.green : style.red };
      },
    },
    // Between runs every host is idle, which is not worth a column.
    { title: 'PHASE', cell: first((row) => (row.phase === 'idle' ? '' : (row.phase ?? ''))) },
    { title: 'DRIFT', cell: first(driftWord) },
  ];
}

function unitText(row: StatusRow | undefined, dash: string): string {
  const unit = row?.unit ?? null;
  if (unit === null) return dash;
  // A healthy unit needs no second word.
  const plain = unit.sub === 'running' || unit.sub === unit.active || unit.sub === '';
  const state = plain ? unit.active : `${unit.active} (${unit.sub})`;
  return row?.restarted === true ? `${state}, restarted since` : state;
}

function driftWord(row: StatusRow): string {
  if (!row.reachable) return 'unreachable';
  if (row.error !== undefined) return 'error';
  return row.drift === null ? '' : 'drift';
}

function troubleOf(row: StatusRow): string {
  return row.reachable ? (row.drift ?? '') : 'not reachable';
}

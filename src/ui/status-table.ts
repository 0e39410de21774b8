import type { HostFailure } from '../errors/host-failure.js';
import { namesText } from './name-ranges.js';
import type { Style } from './style.js';
import { type Column, type TableLook, tableLines } from './table.js';
import { failureText } from './words.js';

/** One host as `fleet status` reads it; a row of its `--json` too. */
export interface StatusRow {
  readonly host: string;
  readonly reachable: boolean;
  /** What `current` names; null where there is none or the host was not read. */
  readonly release: string | null;
  readonly commit: string | null;
  /** The host's phase; `idle` between runs. */
  readonly phase: string | null;
  readonly unit: {
    readonly active: string;
    readonly sub: string;
    readonly mainPid: number;
  } | null;
  /** The release that the process really runs from; null where unknown. */
  readonly serving: string | null;
  /** What is not as it should be, in a few words; null where all is well or nothing is known. */
  readonly drift: string | null;
  readonly error?: HostFailure | undefined;
}

/** More hosts than these are folded where they are in the same state. */
const MOST_UNFOLDED = 20;

/** Host × release × commit × unit × drift. `all` gives each host its own line. */
export function statusLines(
  rows: readonly StatusRow[],
  look: TableLook & { readonly all: boolean },
): readonly string[] {
  const groups =
    look.all || rows.length <= MOST_UNFOLDED ? rows.map((row) => [row]) : foldRows(rows);
  return tableLines(columnsFor(look.style, groups), groups, look);
}

type Group = readonly StatusRow[];

function foldRows(rows: readonly StatusRow[]): readonly Group[] {
  const groups = new Map<string, StatusRow[]>();
  for (const row of rows) {
    const { release, phase, unit, serving, drift, error } = row;
    const key = JSON.stringify([
      release,
      phase,
      unit?.active,
      unit?.sub,
      serving,
      drift,
      error?.code,
      error?.message,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
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
          40,
        ),
    },
    { title: 'RELEASE', cell: first((row) => row.release ?? dash) },
    { title: 'COMMIT', cell: first((row) => row.commit?.slice(0, 7) ?? dash) },
    {
      title: 'UNIT',
      cell: (group) => {
        const text = unitText(group[0]?.unit ?? null, dash);
        return { text, paint: group[0]?.unit?.active === 'active' ? style.green : style.red };
      },
    },
    // Between runs every host is idle, which is not worth a column.
    { title: 'PHASE', cell: first((row) => (row.phase === 'idle' ? '' : (row.phase ?? ''))) },
    { title: 'DRIFT', cell: (group) => ({ text: troubleOf(group[0]), paint: style.yellow }) },
  ];
}

function unitText(unit: StatusRow['unit'], dash: string): string {
  return unit === null ? dash : `${unit.active} (${unit.sub})`;
}

function troubleOf(row: StatusRow | undefined): string {
  if (row?.error !== undefined) return failureText(row.error);
  if (row?.reachable === false) return 'not reachable';
  return row?.drift ?? '';
}

import type { HostFailure } from '../../../errors/host-failure.js';
import { shortLine } from '../../../errors/printable.js';
import { causesOf } from '../../../model/runs/alike.js';
import type { HookFailure, HookPoint, HookTurn } from '../../../model/runs/hooks/hooks.js';
import type { HostResult } from '../../../model/runs/run.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { failureBlock } from '../../text/failure.js';
import { durationText } from '../../text/format.js';
import { type Cell, type TableLook, tableLines } from '../../text/table.js';

/** One run of a hook. */
export interface HookRow {
  readonly hook: string;
  readonly name: string;
  readonly point: HookPoint | null;
  readonly per: HookTurn;
  readonly where: 'host' | 'bastion';
  readonly host: HostResult['host'] | null;
  readonly wave: number | null;
  readonly attempt: number;
  /** Null if it is not known. */
  readonly ms: number | null;
  /** Null as long as it has not ended. */
  readonly end: 'ok' | 'failed' | 'interrupted' | 'lost' | 'refused' | null;
  readonly ifFails: HookFailure | null;
  readonly failure: HostFailure | null;
  readonly settled: { readonly how: 'done' | 'again'; readonly by: string } | null;
}

/** A name may be a whole command; the last column must still fit. */
const NAME_WIDTH = 30;

/** Where the hooks of a run ran and how they ended; then the last lines of those that failed. */
export function hookLines(
  hooks: readonly HookRow[],
  hosts: readonly HostResult[],
  look: TableLook,
): readonly string[] {
  const { style } = look;
  // Hosts where a hook ended alike share a line.
  const groups = groupBy(hooks, ({ hook, per, wave, attempt, end, settled }) =>
    JSON.stringify([hook, per === 'wave' ? wave : null, attempt, end, settled]),
  );
  const table = tableLines<readonly HookRow[]>(
    [
      { title: 'HOOK', cell: ([first]) => shortLine(first?.name ?? '', NAME_WIDTH) },
      { title: 'POINT', optional: true, cell: ([first]) => first?.point ?? style.symbols.dash },
      { title: 'WAVE', align: 'right', cell: ([first]) => waveText(first) },
      { title: 'RAN ON', cell: placeText },
      { title: 'TOOK', align: 'right', optional: true, cell: tookText },
      { title: 'ENDED', cell: ([first]) => (first === undefined ? '' : endCell(first, style)) },
    ],
    groups,
    look,
  );
  const failures = causesOf(failuresOf(hooks, hosts)).flatMap((cause) => {
    const { hosts: on, message, hint, first } = cause;
    return [...failureBlock(countedNames(on), { ...first, message, hint }, style), ''];
  });
  return table.length === 0 ? [] : [...table, '', ...failures];
}

/** A hook that failed its host is told with that host. */
function failuresOf(hooks: readonly HookRow[], hosts: readonly HostResult[]) {
  const told = new Set(hosts.map(({ host, error }) => JSON.stringify([host, error?.message])));
  return hooks.flatMap(({ host, failure, settled }) => {
    if (failure === null || told.has(JSON.stringify([host, failure.message]))) return [];
    // Nothing is left to do for one that a person has settled.
    const { hint: _, ...settledFailure } = failure;
    return [{ host: host ?? BASTION, failure: settled === null ? failure : settledFailure }];
  });
}

const BASTION = 'bastion';

function waveText(run: HookRow | undefined): string {
  return run?.per === 'wave' && run.wave !== null ? `${run.wave + 1}` : '';
}

function placeText(runs: readonly HookRow[]): string {
  const hosts = new Set(runs.flatMap(({ host }) => (host === null ? [] : [host])));
  const names = hosts.size === 0 ? '' : countedNames([...hosts]);
  if (runs[0]?.where === 'host') return names;
  return names === '' ? BASTION : `${BASTION}, for ${names}`;
}

/** Of several hosts the longest. */
function tookText(runs: readonly HookRow[]): string {
  const known = runs.flatMap(({ ms }) => (ms === null ? [] : [ms]));
  return known.length === 0 ? '' : durationText(Math.max(...known));
}

function endCell({ end, ifFails, settled }: HookRow, style: Style): Cell {
  if (settled !== null) {
    const text = settled.how === 'done' ? 'counted as done' : 'run again';
    return { text: `interrupted, ${text} by ${settled.by}`, paint: style.yellow };
  }
  switch (end) {
    case 'ok':
      return { text: 'done', paint: style.green };
    case 'failed':
      return ifFails === 'warn'
        ? { text: 'failed, a warning', paint: style.yellow }
        : { text: 'failed', paint: style.red };
    case 'interrupted':
      return { text: 'interrupted', paint: style.red };
    case 'lost':
      return { text: 'no answer', paint: style.red };
    case 'refused':
      return { text: 'not begun', paint: style.red };
    case null:
      return { text: 'not ended', paint: style.yellow };
  }
}

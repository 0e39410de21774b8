import type { HostFailure } from '../errors/host-failure.js';
import { printableLine } from '../errors/printable.js';
import { fold } from '../model/fold.js';
import { namesText } from '../model/name-ranges.js';
import type { GuardsJson } from './doctor-schema.js';
import { failureJson } from './json.js';
import type { Style } from './style.js';
import { failureText } from './words.js';

export const GUARD_CHANGES = ['install', 'remove'] as const;

export type GuardChange = (typeof GUARD_CHANGES)[number];

export const GUARD_STATES = [
  'installed',
  'removed',
  'unchanged',
  'refused',
  'unreachable',
  'unknown',
] as const;

/** What came of a guard on one host. */
export interface GuardRow {
  readonly host: string;
  readonly state: (typeof GUARD_STATES)[number];
  readonly error?: HostFailure | undefined;
  /** The unit as it should be, where fleet may not install it. */
  readonly unit?: { readonly path: string; readonly lines: readonly string[] } | undefined;
}

/** The object of `fleet doctor --install-guard --json`. */
export function guardsJson(
  target: { readonly app: string; readonly group: string; readonly change: GuardChange },
  rows: readonly GuardRow[],
): GuardsJson {
  const hosts = rows.map(({ host, state, error, unit }) => ({
    host,
    state,
    ...(error === undefined ? {} : { error: failureJson(error) }),
    ...(unit === undefined
      ? {}
      : { unit: { path: unit.path, text: `${unit.lines.join('\n')}\n` } }),
  }));
  return { schemaVersion: 1, ...target, hosts };
}

/** Hosts of one outcome on a line, and below what an admin may type where fleet may not. */
export function guardLines(rows: readonly GuardRow[], style: Style): readonly string[] {
  const { ok, failed } = style.symbols;
  const outcomes = fold(
    rows,
    ({ state, error }) => `${state} ${error?.message ?? ''} ${error?.hint ?? ''}`,
  );
  const lines = outcomes.flatMap(([first, ...others]) => {
    const { state, error } = first;
    const mark = error === undefined ? style.green(ok) : style.red(failed);
    const why = error === undefined ? '' : `: ${failureText(error)}`;
    const told = `${mark} ${style.bold(hostsText([first, ...others]))}  ${state}${why}`;
    return error?.hint === undefined ? [told] : [told, `    ${printableLine(error.hint)}`];
  });
  const units = fold(rows, ({ unit }) => JSON.stringify(unit) ?? '');
  const byHand = units.flatMap((group) => {
    const { unit } = group[0];
    return unit === undefined ? [] : ['', ...byHandLines(unit, hostsText(group))];
  });
  return [...lines, ...byHand];
}

const hostsText = (rows: readonly GuardRow[]): string => namesText(rows.map(({ host }) => host));

function byHandLines(unit: NonNullable<GuardRow['unit']>, names: string): readonly string[] {
  const name = unit.path.split('/').at(-1) ?? '';
  return [
    `As root on ${names}; then once more --install-guard, which takes note of it:`,
    '',
    `cat >${printableLine(unit.path)} <<'END'`,
    ...unit.lines.map(printableLine),
    'END',
    'systemctl daemon-reload',
    `systemctl enable ${printableLine(name)}`,
  ];
}

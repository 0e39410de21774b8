import { printableLine } from '../../../errors/printable.js';
import { groupBy } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { failureText } from '../../text/labels.js';
import type { GuardRow } from './rows.js';

/** One line per outcome, then what an admin types if fleet may not change the unit. */
export function guardLines(rows: readonly GuardRow[], style: Style): readonly string[] {
  const { ok, failed } = style.symbols;
  const outcomes = groupBy(
    rows,
    ({ state, error }) => `${state} ${error?.message ?? ''} ${error?.hint ?? ''}`,
  );
  const lines = outcomes.flatMap(([first, ...others]) => {
    const { state, error } = first;
    const mark = error === undefined ? style.green(ok) : style.red(failed);
    const why = error === undefined ? '' : `: ${failureText(error)}`;
    const line = `${mark} ${style.bold(hostsText([first, ...others]))}  ${state}${why}`;
    return error?.hint === undefined ? [line] : [line, `    ${printableLine(error.hint)}`];
  });
  const units = groupBy(rows, ({ unit }) => JSON.stringify(unit) ?? '');
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
    `Type as root on ${names}; then run --install-guard again, which records it:`,
    '',
    `cat >${printableLine(unit.path)} <<'END'`,
    ...unit.lines.map(printableLine),
    'END',
    'systemctl daemon-reload',
    `systemctl enable ${printableLine(name)}`,
  ];
}

import { printableLine } from '../../../errors/printable.js';
import { fold } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { failureText } from '../../text/labels.js';
import type { GuardRow } from './rows.js';

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

import { printableLine } from '../../../errors/printable.js';
import { blockOf } from '../../../model/runs/block.js';
import type { Plan } from '../../../model/runs/plan.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames, namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { row } from './row.js';

const NAMES_WIDTH = 32;

/** Which hosts are out of service before a run, which never served, and what blocks the run. */
export function serviceRows(plan: Plan, style: Style): readonly string[] {
  return [...outRows(plan, style), ...newRows(plan, style), ...blockRows(plan, style)];
}

function outRows({ hosts }: Plan, style: Style): readonly string[] {
  const out = hosts.flatMap(({ host, condition, done }) =>
    condition.kind === 'out' && !done ? [{ name: host.name, why: condition.why }] : [],
  );
  return groupBy(out, ({ why }) => why).map((same, i) => {
    const names = countedNames(
      same.map(({ name }) => name),
      NAMES_WIDTH,
    );
    const text = `${names}; ${printableLine(same[0].why)}`;
    return row(i === 0 ? 'out first' : '', style.yellow(text), style);
  });
}

function newRows({ hosts }: Plan, style: Style): readonly string[] {
  const fresh = hosts.filter(({ condition, done }) => condition.kind === 'new' && !done);
  if (fresh.length === 0) return [];
  if (fresh.length === hosts.length) return [];
  const names = countedNames(
    fresh.map(({ host }) => host.name),
    NAMES_WIDTH,
  );
  return [row('new', `${names}; not counted as out of service`, style)];
}

function blockRows(plan: Plan, style: Style): readonly string[] {
  const blocked = blockOf(plan);
  if (blocked === null) return [];
  const stays = blocked.out.length === 1 ? 'stays' : 'stay';
  const text = `${namesText(blocked.out, NAMES_WIDTH)} ${stays} out: no serving host may be updated`;
  return [row('blocked', style.red(text), style)];
}

import { printableLine } from '../../../errors/printable.js';
import { failuresOf } from '../../../model/runs/hooks/hooks.js';
import { type PlannedHook, plannedHooks } from '../../../model/runs/hooks/planned-hooks.js';
import type { Plan } from '../../../model/runs/plan.js';
import { countText } from '../../../model/text/count-text.js';
import type { Style } from '../../terminal/style.js';
import { row } from './row.js';

/** The hooks of a run: when each runs, where, and how often. A plan itself runs none. */
export function hookRows(plan: Plan, style: Style): readonly string[] {
  let point = '';
  const planned = plannedHooks(plan);
  const lines = planned.flatMap((each, index) => {
    const { hook } = each;
    const title = hook.point === point ? [] : [row(index === 0 ? 'hooks' : '', hook.point, style)];
    point = hook.point;
    const mayVeto = failuresOf(hook.point, hook.per).length > 1;
    const failing = mayVeto && hook.ifFails === 'warn' ? '; only warns' : '';
    const left = hook.work.kind === 'script' ? ' of the release left' : '';
    const text = `  ${printableLine(hook.name)}${left}: ${whereText(each)}${failing}`;
    return [...title, row('', text, style)];
  });
  const last = 'the automatic rollback timer of a host runs no hooks';
  return planned.some(({ hook }) => isOfRollback(hook)) ? [...lines, row('', last, style)] : lines;
}

function whereText({ hook, times, first }: PlannedHook): string {
  const here = hook.where === 'bastion' ? 'on this machine, ' : '';
  switch (hook.per) {
    case 'host':
      return `${here}${isOfRollback(hook) ? 'for each host rolled back' : `for ${countText(times, 'host')}`}`;
    case 'wave':
      return here === ''
        ? `once a wave, on its first host (${countText(times, 'wave')})`
        : `${here}once a wave (${countText(times, 'wave')})`;
    case 'run':
      return `${here}once${first === null ? '' : `, on ${first}`}${hook.point === 'on_failure' ? ', if the run fails' : ''}`;
  }
}

const isOfRollback = ({ point }: PlannedHook['hook']): boolean =>
  point === 'before_revert' || point === 'after_revert';

import { printableLine } from '../../errors/printable.js';
import type { FleetEvent } from '../../events/event.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import { groupBy } from '../../model/text/group-by.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Style } from '../terminal/style.js';
import { failureBlock } from '../text/failure.js';

/** Lines for an event in a mode that shows only failures. The summary shows the end of the run. */
export function createQuiet(style: Style): (event: FleetEvent) => readonly string[] {
  const shown = new Set<string>();
  return (event) => {
    if (event.type === 'run-started') return skippedLines(event.plan, style);
    // The refusal shows what fails in preflight.
    if (event.type !== 'host-stage') return [];
    // A host that is rolled back keeps its failure, which is shown once.
    if (event.failure === undefined || event.failure === null || shown.has(event.host)) return [];
    shown.add(event.host);
    return failureBlock(event.host, event.failure, style);
  };
}

/** This mode does not show the plan, but people need to know which hosts it leaves out. */
function skippedLines({ skipped }: PlanView, style: Style): readonly string[] {
  return groupBy(skipped, ({ reason }) => reason).map((same) => {
    const names = namesText(same.map(({ host }) => host));
    return style.yellow(
      `${style.symbols.warning} ${names}  skipped: ${printableLine(same[0].reason)}`,
    );
  });
}

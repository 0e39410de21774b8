import { printableLine } from '../../errors/printable.js';
import type { FleetEvent } from '../../events/event.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import { fold } from '../../model/text/group-by.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Style } from '../terminal/style.js';
import { failureBlock } from '../text/failure.js';

/** Lines for an event where only failures are to be seen; what ends a run is the summary's. */
export function createQuiet(style: Style): (event: FleetEvent) => readonly string[] {
  const told = new Set<string>();
  return (event) => {
    if (event.type === 'run-started') return skippedLines(event.plan, style);
    // What fails in preflight is told by the refusal.
    if (event.type !== 'host-stage') return [];
    // A host that is taken back carries its failure on; it is told once.
    if (event.failure === undefined || event.failure === null || told.has(event.host)) return [];
    told.add(event.host);
    return failureBlock(event.host, event.failure, style);
  };
}

/** The plan is not shown in this mode, and a host that it leaves out is to be known. */
function skippedLines({ skipped }: PlanView, style: Style): readonly string[] {
  return fold(skipped, ({ reason }) => reason).map((same) => {
    const names = namesText(same.map(({ host }) => host));
    return style.yellow(
      `${style.symbols.warning} ${names}  skipped: ${printableLine(same[0].reason)}`,
    );
  });
}

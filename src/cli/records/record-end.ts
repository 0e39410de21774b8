import type { HostReading } from '../../engine/reading/host-reading.js';
import { concludeCrashedRun } from '../../engine/recover/crashed-run.js';
import type { Recovered } from '../../engine/recover/recover.js';
import { createEventBus } from '../../events/bus.js';
import type { FleetEvent } from '../../events/event.js';
import type { RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import type { Plan } from '../../model/runs/plan.js';
import type { RunState } from '../../model/runs/run.js';
import type { Context } from '../context/context.js';
import { printWarning } from '../context/output.js';
import { openRecorders, subscribeRecorders } from './recorders.js';

/** What a recovery found and did, and whose records it may close by that. */
export interface Closing {
  readonly context: Context;
  readonly app: App;
  readonly surveys: readonly HostReading[];
  readonly recovered: readonly Recovered[];
  /** A run of this bastion whose hosts these are; its record may be closed though nothing was unfinished. */
  readonly unfinished?: RunId | undefined;
}

/** Closes the journal, the line of `deploy.log` and the history of a run; they say who closed it. */
export async function recordEnd(
  { context, app, surveys, recovered }: Closing,
  plan: Plan,
  events: readonly FleetEvent[],
): Promise<RunState> {
  const { run, operator: of } = plan;
  const warn = (message: string): void => printWarning(context, message);
  const at = laterThan(events.at(-1)?.at, context.clock.now());
  const end = concludeCrashedRun(plan, surveys, recovered);
  const startedAt = events[0]?.at ?? plan.createdAt;
  const recorders = await openRecorders(context, { app, plan, run: 'died', warn });
  const bus = createEventBus(() => at, run);
  subscribeRecorders(bus, recorders);
  bus.emit({ type: 'taken-over', how: 'recovered', by: context.operator, of });
  bus.emit({ type: 'run-ended', run, startedAt, ...end });
  await recorders.close();
  return end.state;
}

/** The records of a run are ordered by time, and the clock of another bastion may be ahead. */
function laterThan(last: string | undefined, now: Date): Date {
  const least = last === undefined ? 0 : Date.parse(last) + 1;
  return least > now.getTime() ? new Date(least) : now;
}

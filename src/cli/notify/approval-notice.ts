import type { FleetEvent } from '../../events/event.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Context } from '../context/context.js';
import { printWarning } from '../context/output.js';
import type { Receivers } from '../context/workspace.js';
import { openRunNotices } from './run-notices.js';

interface Asked {
  readonly plan: Plan;
  readonly notify: Receivers | undefined;
  /** That a run waits for a second person. */
  readonly event: FleetEvent;
}

/** Tells people that a run waits for one of them, before the command waits itself. Never rejects. */
export async function tellOfApproval(
  context: Context,
  { plan, notify, event }: Asked,
): Promise<void> {
  const warn = (message: string): void => printWarning(context, message);
  const notices = await openRunNotices(context, { plan, run: 'waits', notify, warn });
  notices?.listener(event);
  await notices?.close();
}

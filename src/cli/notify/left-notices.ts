import { Courier } from '../../notify/deliver/courier.js';
import type { Context } from '../context/context.js';
import { deliveryDeps } from './delivery-deps.js';

/** How long a command waits at its end for an answer that is under way, in milliseconds. */
const GRACE_MS = 1000;

/**
 * Sends what earlier commands left, while this one works. Says nothing: `notify.log` has it, and `fleet
 * notify list` what still waits.
 */
export function sendLeftNotices(context: Context): { end(): Promise<void> } {
  const deps = deliveryDeps(context);
  const courier = new Courier(deps, () => undefined);
  try {
    courier.wake(deps.outbox.receivers());
  } catch {
    // A command that is about something else does not fail for it.
  }
  return { end: () => courier.close(GRACE_MS) };
}

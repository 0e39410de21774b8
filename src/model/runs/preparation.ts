import { hooksFor } from './hook-turns.js';
import type { HostPlan, Plan } from './plan.js';

/**
 * Whether something is done on a host, or for it, before its activation: hooks of `before_activate`, a
 * backup. Without any, nothing is sent for it.
 */
export function isPreparedFirst(plan: Plan, host: HostPlan): boolean {
  return hooksFor(plan, 'before_activate', host).length > 0;
}

import type { HostPlan, Plan } from './plan.js';

/**
 * Whether something is done on a host, or for it, before its activation: hooks of `before_activate`, a
 * backup. Without any, nothing is sent for it.
 */
export function isPreparedFirst(_plan: Plan, _host: HostPlan): boolean {
  return false;
}

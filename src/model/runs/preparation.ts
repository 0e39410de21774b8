import type { App } from './app.js';
import { hooksFor } from './hooks/hook-turns.js';
import type { HostPlan, Plan } from './plan.js';

/**
 * Whether something is done on a host, or for it, before its activation: hooks of `before_activate`, a
 * backup. Without any, nothing is sent for it.
 */
export function isPreparedFirst(plan: Plan, host: HostPlan): boolean {
  if (takesBackup(plan.app, host) || host.restore !== undefined) return true;
  return hooksFor(plan, 'before_activate', host).length > 0;
}

/** Whether a host keeps something before its link moves: a host without a release has no link yet. */
export const takesBackup = (
  { backup }: Pick<App, 'backup'>,
  { from }: Pick<HostPlan, 'from'>,
): boolean => backup !== undefined && from !== null;

import type { HostName } from '../names.js';
import type { Plan } from './plan.js';

/** Why no serving host of a plan could ever be updated. */
export interface Block {
  /** Out of service, and not fixed by the run. */
  readonly out: readonly HostName[];
  /** The smallest `max_unavailable` with which the run can proceed. */
  readonly needed: number;
}

/**
 * What keeps a plan from proceeding even if all goes well: hosts that the run cannot reach stay out of service, and use
 * up the budget for serving hosts. Null if nothing does.
 */
export function blockOf({ hosts, skipped, limits }: Plan): Block | null {
  const out = skipped.map(({ host }) => host.name);
  const takesOut = hosts.some(({ condition, done }) => condition.kind === 'serving' && !done);
  if (!takesOut || out.length < limits.maxUnavailable) return null;
  return { out, needed: out.length + 1 };
}

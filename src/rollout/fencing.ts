import type { HostFailure } from '../errors/host-failure.js';

/** Whether a step was refused because another run has the host now, or may have it. */
export function isFenced(failure: HostFailure): boolean {
  return failure.code === 'fenced' || failure.code === 'locked' || failure.code === 'lease_lost';
}

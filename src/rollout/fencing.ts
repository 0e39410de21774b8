import type { HostFailure } from '../errors/host-failure.js';

/** Whether a step was refused because the host is another run's now, or may be. */
export function isFenced(failure: HostFailure): boolean {
  return failure.code === 'fenced' || failure.code === 'locked' || failure.code === 'lease_lost';
}

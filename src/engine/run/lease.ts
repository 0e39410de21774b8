import type { HostFailure } from '../../errors/host-failure.js';
import type { Clock } from '../../model/clock.js';

/** Why nothing is sent to a host any more, by a controller that has lost its lease. */
export const LEASE_LOST: HostFailure = {
  code: 'lease_lost',
  message:
    'this controller stood still for so long, or lost its lock, that others may have the host',
  hint: 'fleet status shows what it is on; fleet resume goes on with the run',
};

/**
 * Whether this controller may still act. Hosts keep a claim for `leaseMs` after its last renewal,
 * which is sent every third of that; so a process that did not run for two thirds may wake to find
 * its hosts taken. What is lost stays lost.
 */
export class Lease {
  readonly #clock: Clock;
  readonly #longestMs: number;
  #ranAt: number;
  #lost = false;

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#longestMs = (leaseMs * 2) / 3;
    this.#ranAt = clock.monotonicMs();
  }

  get held(): boolean {
    if (this.#clock.monotonicMs() - this.#ranAt > this.#longestMs) this.#lost = true;
    return !this.#lost;
  }

  /** Says that the process runs; to be called several times within the longest pause. */
  beat(): void {
    if (this.held) this.#ranAt = this.#clock.monotonicMs();
  }

  lose(): void {
    this.#lost = true;
  }
}

import type { HostFailure } from '../../../errors/host-failure.js';
import type { Clock } from '../../../model/clock.js';

/** Why a controller that has lost its lease sends nothing to a host any more. */
export const LEASE_LOST: HostFailure = {
  code: 'lease_lost',
  message:
    'this controller was suspended (or lost its lock) longer than its lease; another run may own the host',
  hint: 'to see what the host runs: fleet status -g GROUP; to continue the run: fleet resume RUN',
};

/**
 * Whether this controller may still act. Hosts keep a claim for `leaseMs` after its last renewal,
 * which is sent every third of that. So after a process was suspended for two thirds of it, another run
 * may own its hosts. A lost lease stays lost.
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

  /** Records that the process runs. Call it several times within the longest pause. */
  beat(): void {
    if (this.held) this.#ranAt = this.#clock.monotonicMs();
  }

  lose(): void {
    this.#lost = true;
  }
}

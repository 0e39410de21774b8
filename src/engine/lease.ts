import type { Clock } from '../model/clock.js';

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

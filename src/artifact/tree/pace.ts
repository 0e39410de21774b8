import { setImmediate } from 'node:timers/promises';

/** How long work may block the event loop: Ctrl-C, timers and leases wait for that long. */
const TURN_MS = 20;
const STEPS_BETWEEN_LOOKS = 64;

/** Lets other work run during long work, and ends it when interrupted. */
export class Pace {
  readonly #signal: AbortSignal | undefined;
  #steps = 0;
  #since = performance.now();

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Ask at every step; true if it is time to `rest`. Throws the signal's reason. */
  due(): boolean {
    this.#signal?.throwIfAborted();
    this.#steps += 1;
    if (this.#steps % STEPS_BETWEEN_LOOKS !== 0) return false;
    return performance.now() - this.#since > TURN_MS;
  }

  /** Throws the signal's reason once it is aborted. */
  async rest(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}

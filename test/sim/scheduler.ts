import { type Entry, EventQueue } from './event-queue.js';

/** A task that will run, unless it is cancelled first. */
export interface Pending {
  cancel(): void;
}

/**
 * Virtual time. Tasks run one after the other in the order of their moments; before time goes on,
 * everything that a task has woken comes to rest. Nothing here waits for a real clock, so a run
 * is the same for the same inputs.
 */
export class Scheduler {
  #now = 0;
  #woken = false;
  readonly #queue = new EventQueue();

  /** Milliseconds since the beginning of the simulation. */
  get now(): number {
    return this.#now;
  }

  at(ms: number, task: () => void): Pending {
    const entry: Entry = this.#queue.put(Math.max(ms, this.#now), task);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }

  after(ms: number, task: () => void): Pending {
    return this.at(this.#now + Math.max(0, ms), task);
  }

  /** Says that a promise was settled: what hangs on it runs before time goes on. */
  wake(): void {
    this.#woken = true;
  }

  /** Runs until `done` says so, until nothing is left to do, or up to the moment `limit`. */
  async run(done: () => boolean, limit: number): Promise<'done' | 'idle' | 'limit'> {
    await this.#settle();
    for (;;) {
      if (done()) return 'done';
      const entry = this.#queue.peek();
      if (entry === undefined) return 'idle';
      if (entry.at > limit) {
        this.#now = limit;
        return 'limit';
      }
      this.#queue.take();
      this.#now = entry.at;
      entry.task();
      await this.#settle();
    }
  }

  /** Every promise reaction has run once the event loop turns: real I/O is not part of a simulation. */
  async #settle(): Promise<void> {
    while (this.#woken) {
      this.#woken = false;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

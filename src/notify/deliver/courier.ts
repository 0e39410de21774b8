import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../../errors/reason.js';
import { type DeliveryDeps, sendNext } from './delivery.js';

/** How often a receiver for which another process sends is looked at again. */
const BUSY_MS = 300;
/** Wall clocks are set; a long wait is looked at again. */
const LONGEST_PAUSE_MS = 60_000;

/** Sends what waits, in the background: for each receiver apart, so that none waits for another. */
export class Courier {
  readonly #deps: DeliveryDeps;
  readonly #warn: (message: string) => void;
  readonly #working = new Map<string, Promise<void>>();
  readonly #wanted = new Set<string>();
  readonly #closing = new AbortController();
  readonly #over = new AbortController();
  /** By performance.now(). */
  #deadline = Number.POSITIVE_INFINITY;

  /** `warn` gets what the outbox itself fails with. */
  constructor(deps: DeliveryDeps, warn: (message: string) => void) {
    this.#deps = deps;
    this.#warn = warn;
  }

  /** Something waits for these receivers. Returns at once. */
  wake(receivers: readonly string[]): void {
    for (const receiver of receivers) {
      this.#wanted.add(receiver);
      if (!this.#working.has(receiver)) this.#working.set(receiver, this.#work(receiver));
    }
  }

  /**
   * Sends what can be sent in so many milliseconds, and ends. What waits longer, and what has no answer by
   * then, is left in the outbox. Never rejects.
   */
  async close(graceMs: number): Promise<void> {
    this.#deadline = performance.now() + graceMs;
    this.#closing.abort();
    const timer = setTimeout(() => this.#over.abort(), graceMs);
    await Promise.all(this.#working.values());
    clearTimeout(timer);
  }

  async #work(receiver: string): Promise<void> {
    const { signal } = this.#over;
    try {
      while (!signal.aborted) {
        this.#wanted.delete(receiver);
        const progress = await sendNext(this.#deps, receiver, { signal, atOnce: false });
        if (progress.kind === 'empty' && !this.#wanted.has(receiver)) return;
        if (progress.kind === 'busy' && !(await this.#pause(BUSY_MS))) return;
        if (progress.kind === 'waits' && !(await this.#pause(progress.ms))) return;
      }
    } catch (error) {
      this.#warn(`notices are not sent: ${reasonOf(error)}`);
    } finally {
      this.#working.delete(receiver);
    }
  }

  /** False if that is too long by now. */
  async #pause(ms: number): Promise<boolean> {
    const left = this.#deadline - performance.now();
    if (ms > left) return false;
    const isClosing = Number.isFinite(left);
    const signal = isClosing ? this.#over.signal : this.#closing.signal;
    const options = { signal, ref: isClosing };
    await delay(Math.min(ms, LONGEST_PAUSE_MS), undefined, options).catch(() => undefined);
    return true;
  }
}

import type { Clock } from '../../src/model/clock.js';
import type { Scheduler } from './scheduler.js';

/** What a dead process waits for does not come. */
const never = new Promise<never>(() => undefined);

/**
 * A process on the bastion, in which the real engine runs. Everything that reaches it from outside
 * comes through `deliver`, so it can be stopped, continued and killed between any two of its moves.
 */
export class SimProcess {
  #state: 'running' | 'stopped' | 'dead' = 'running';
  readonly #held: (() => void)[] = [];
  readonly #scheduler: Scheduler;
  /** What the wall clock is off by; may be changed at any time. */
  wallOffsetMs = 0;
  /** How many calls it has sent. */
  calls = 0;
  /** The next call is its last move, and is not sent. */
  killAtNextCall = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get alive(): boolean {
    return this.#state !== 'dead';
  }

  /** SIGSTOP: what comes in is kept. */
  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped';
  }

  /** SIGCONT: what has come in meanwhile is handed over in the order in which it came. */
  resume(): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'running';
    for (const task of this.#held.splice(0)) this.deliver(task);
  }

  /** SIGKILL: it never does anything again. */
  kill(): void {
    this.#state = 'dead';
    this.#held.length = 0;
  }

  /** Runs what settles a promise of this process, or keeps it, or drops it. */
  deliver(task: () => void): void {
    if (this.#state === 'dead') return;
    if (this.#state === 'stopped') {
      this.#held.push(task);
      return;
    }
    task();
    this.#scheduler.wake();
  }

  /** A promise that is settled from outside; one that a dead process asks for never is. */
  promise<T>(start: (settle: (value: T) => void) => void): Promise<T> {
    if (!this.alive) return never;
    return new Promise((resolve) => start((value) => this.deliver(() => resolve(value))));
  }

  /** The clock of the bastion, as this process sees it. */
  clock(): Clock {
    return {
      now: () => new Date(EPOCH_MS + this.#scheduler.now + this.wallOffsetMs),
      monotonicMs: () => this.#scheduler.now,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.promise((settle) => {
      if (signal?.aborted) return settle(undefined);
      const end = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', end);
        settle(undefined);
      };
      const timer = this.#scheduler.after(ms, end);
      signal?.addEventListener('abort', end, { once: true });
    });
  }
}

/** Where virtual time begins on calendars. */
const EPOCH_MS = Date.parse('2026-03-01T12:00:00.000Z');

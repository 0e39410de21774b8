import { setTimeout as delay } from 'node:timers/promises';
import { untilAborted } from '../async/or-aborted.js';
import { withinTime } from '../async/within-time.js';
import { reasonOf } from '../errors/reason.js';
import type { HistoryWrites, SharedRuns } from './store.js';

/** One write of a run. */
export interface HistoryWrite {
  /** What may be left out if too much waits: without its start or its end a run is not in the history at all. */
  readonly isNeeded: boolean;
  /** About how many bytes it takes while it waits. */
  readonly bytes: number;
  readonly carryOut: (store: QueuedWrites) => Promise<void>;
}

/** What can be written through the queue. */
export type QueuedWrites = HistoryWrites & Pick<SharedRuns, 'putShared' | 'removeShared'>;

/** The store that the queue writes to. */
export interface QueueStore extends QueuedWrites {
  close(): Promise<void>;
}

export interface QueueLimits {
  /** The most that waits. */
  readonly entries: number;
  readonly bytes: number;
  /** How long opening may take, and each write. */
  readonly openMs: number;
  readonly writeMs: number;
  /** How long it waits before it tries again: at first, doubled each time, and at most. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  entries: 2_000,
  bytes: 16 * 1024 * 1024,
  openMs: 10_000,
  writeMs: 10_000,
  pauseMs: 250,
  longestPauseMs: 15_000,
};

/** How many times a write may fail on a store that could be opened: it may be the write that it refuses. */
const TRIES = 3;

/** What came of all writes. */
export interface QueueEnd {
  /** How many writes the store has not confirmed. */
  readonly lacking: number;
  /** Why, in the words of the last failure; null if there was none. */
  readonly why: string | null;
}

export interface WriteQueue {
  put(write: HistoryWrite): void;
  /** Waits at most so long until all is written, then gives up the store, whatever that does. Never rejects. */
  close(ms: number): Promise<QueueEnd>;
}

/**
 * Writes to a store in order and in the background. A store that is down, slow or hangs costs its caller nothing: what
 * waits is bounded, and what does not fit is left out and counted. A write may be carried out twice, which the port allows.
 */
export function createWriteQueue(
  open: (signal: AbortSignal) => Promise<QueueStore>,
  limits: QueueLimits = QUEUE_LIMITS,
): WriteQueue {
  return new Queue(open, limits);
}

class Queue implements WriteQueue {
  readonly #open: (signal: AbortSignal) => Promise<QueueStore>;
  readonly #limits: QueueLimits;
  readonly #end = new AbortController();
  /** From then on no one waits between tries. */
  readonly #hurry = new AbortController();
  readonly #waiting: HistoryWrite[] = [];
  #bytes = 0;
  #dropped = 0;
  #why: string | null = null;
  #store: QueueStore | null = null;
  #isWorking = false;
  #worked: Promise<void> = Promise.resolve();

  constructor(open: (signal: AbortSignal) => Promise<QueueStore>, limits: QueueLimits) {
    this.#open = open;
    this.#limits = limits;
  }

  put(write: HistoryWrite): void {
    if (this.#end.signal.aborted) return;
    this.#waiting.push(write);
    this.#bytes += write.bytes;
    this.#dropWhatDoesNotFit();
    if (!this.#isWorking) this.#worked = this.#work();
  }

  async close(ms: number): Promise<QueueEnd> {
    const late = new Error(`no answer within ${ms / 1000} s`);
    const timer = setTimeout(() => this.#end.abort(late), ms);
    this.#hurry.abort();
    try {
      await untilAborted(this.#worked, this.#end.signal);
      const lacking = this.#dropped + this.#waiting.length;
      const { aborted } = this.#end.signal;
      const why = aborted && this.#waiting.length > 0 ? late.message : this.#why;
      await untilAborted(this.#letGo(), this.#end.signal);
      return { lacking, why: lacking === 0 ? null : why };
    } finally {
      clearTimeout(timer);
      this.#end.abort();
    }
  }

  /** The oldest go first: what a host came to later counts. The first one may be on its way. */
  #dropWhatDoesNotFit(): void {
    for (let at = 1; at < this.#waiting.length && this.#isFull(); ) {
      if (this.#waiting[at]?.isNeeded === true) at += 1;
      else this.#drop(at);
    }
  }

  #isFull(): boolean {
    return this.#waiting.length > this.#limits.entries || this.#bytes > this.#limits.bytes;
  }

  #drop(at: number): void {
    this.#take(at);
    this.#dropped += 1;
  }

  #take(at: number): void {
    const [write] = this.#waiting.splice(at, 1);
    this.#bytes -= write?.bytes ?? 0;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    let pause = this.#limits.pauseMs;
    let failures = 0;
    for (let write = this.#waiting[0]; write !== undefined; write = this.#waiting[0]) {
      const end = await this.#try(write);
      if (this.#end.signal.aborted) return;
      if (end === 'not open' && this.#hurry.signal.aborted) break;
      if (end === 'failed') failures += 1;
      if (end === 'written') this.#take(0);
      else if (failures < TRIES) {
        await this.#pause(pause);
        pause = Math.min(2 * pause, this.#limits.longestPauseMs);
        continue;
      } else this.#drop(0);
      [pause, failures] = [this.#limits.pauseMs, 0];
    }
    this.#isWorking = false;
  }

  async #try(write: HistoryWrite): Promise<'written' | 'failed' | 'not open'> {
    const { openMs, writeMs } = this.#limits;
    let store: QueueStore;
    try {
      store = await withinTime(openMs, (signal) => this.#opened(signal), this.#end.signal);
    } catch (error) {
      this.#why = reasonOf(error);
      return 'not open';
    }
    try {
      await withinTime(writeMs, () => write.carryOut(store), this.#end.signal);
      return 'written';
    } catch (error) {
      this.#why = reasonOf(error);
      // A connection that failed or hangs is not used again.
      void this.#letGo();
      return 'failed';
    }
  }

  async #opened(signal: AbortSignal): Promise<QueueStore> {
    if (this.#store !== null) return this.#store;
    const store = await this.#open(signal);
    if (signal.aborted) void closeQuietly(store);
    else this.#store = store;
    return store;
  }

  #letGo(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    return store === null ? Promise.resolve() : closeQuietly(store);
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#hurry.signal }).catch(() => undefined);
  }
}

/** What was written is written. */
async function closeQuietly(store: QueueStore): Promise<void> {
  await store.close().catch(() => undefined);
}

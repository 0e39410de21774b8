import type { Listener } from '../events/bus.js';
import { carryOut, createRunWrites, sizeOf } from './run-writes.js';
import {
  createWriteQueue,
  type QueueEnd,
  type QueueLimits,
  type QueueStore,
} from './write-queue.js';

/** How long progress is gathered before it is written, in milliseconds. */
const GATHER_MS = 500;

/** An event listener that keeps the history. */
export interface HistoryRecorder {
  readonly listener: Listener;
  /** Waits at most so long until all events so far are written; what the store lacks then, it lacks. Never rejects. */
  close(ms: number): Promise<QueueEnd>;
}

export interface RecorderOptions {
  /** Opens the store. It is called in the background, and again after a failure. */
  readonly open: (signal: AbortSignal) => Promise<QueueStore>;
  readonly limits?: QueueLimits | undefined;
}

/**
 * Writes a run's events into a store, in order and in the background. Whatever the store does, the run neither waits for it
 * nor changes.
 */
export function createHistoryRecorder({ open, limits }: RecorderOptions): HistoryRecorder {
  const queue = createWriteQueue(open, limits);
  const writes = createRunWrites((write) =>
    queue.put({
      isNeeded: write.kind !== 'progress',
      bytes: sizeOf(write),
      carryOut: (store) => carryOut(store, write),
    }),
  );
  // A transaction for each host would be a tenth of a run's cost on its bastion.
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writes.flush();
  };
  return {
    listener(event) {
      writes.hear(event);
      if (writes.gathered > 0) timer ??= setTimeout(flush, GATHER_MS);
    },
    close(ms) {
      flush();
      return queue.close(ms);
    },
  };
}

import type { Listener } from '../events/bus.js';
import type { RunId } from '../model/names.js';
import { carryOut, createRunWrites, sizeOf } from './run-writes.js';
import { createRunShare, type RunShare, type ShareWrite } from './shared-run.js';
import {
  createWriteQueue,
  type QueueEnd,
  type QueueLimits,
  type QueueStore,
  type WriteQueue,
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
  /** The run to show other bastions, with the text of its plan; absent for a history of one bastion. */
  readonly shared?: { readonly run: RunId; readonly plan: string } | undefined;
}

/**
 * Writes a run's events into a store, in order and in the background. Whatever the store does, the run neither waits for it
 * nor changes.
 */
export function createHistoryRecorder({ open, limits, shared }: RecorderOptions): HistoryRecorder {
  const queue = createWriteQueue(open, limits);
  const writes = createRunWrites((write) =>
    queue.put({
      isNeeded: write.kind !== 'progress',
      bytes: sizeOf(write),
      carryOut: (store) => carryOut(store, write),
    }),
  );
  const share = shared === undefined ? null : shareThrough(queue, shared);
  // A transaction for each host would be a tenth of a run's cost on its bastion.
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writes.flush();
    share?.flush();
  };
  return {
    listener(event) {
      writes.hear(event);
      share?.hear(event);
      if (writes.gathered > 0 || (share?.gathered ?? 0) > 0) timer ??= setTimeout(flush, GATHER_MS);
    },
    close(ms) {
      flush();
      return queue.close(ms);
    },
  };
}

/** What other bastions see is written after the history itself, and is left out first if too much waits. */
function shareThrough(
  queue: WriteQueue,
  shared: { readonly run: RunId; readonly plan: string },
): RunShare {
  const { run } = shared;
  return createRunShare(shared, (write: ShareWrite) =>
    queue.put({
      isNeeded: false,
      bytes: write.kind === 'put' ? 2 * write.document.json.length : 0,
      carryOut: (store) =>
        write.kind === 'put' ? store.putShared(run, write.document) : store.removeShared(run),
    }),
  );
}

import { runLiveness } from '../../engine/journal/run-owner.js';
import type { HistoryStore } from '../../history/store.js';
import type { RunId } from '../../model/names.js';
import type { Context } from '../context/context.js';
import { hasGrown, type SyncedRun, syncRun } from './sync.js';
import { readMarks, type SyncMark } from './sync-marks.js';

/** The marked runs of one history, by {@link historyKey}. */
const marksOf = ({ stateDir }: Context, history: string): readonly SyncMark[] =>
  readMarks(stateDir).filter((mark) => mark.history === history);

/** Of the marked runs of a history those that it lacks something of: they do not run, and their journal has news. */
export function pendingRuns(context: Context, history: string): readonly RunId[] {
  const { stateDir } = context;
  return marksOf(context, history)
    .filter(({ run, isOver }) => isOver || runLiveness(stateDir, run) !== 'alive')
    .filter(({ run, syncedBytes }) => hasGrown(stateDir, run, syncedBytes))
    .map(({ run }) => run);
}

/**
 * Writes what the history lacks of these runs, one after the other, until the signal aborts. Returns those that were
 * written; what is left is left to the next command. Rejects if the store fails.
 */
export async function catchUp(
  context: Context,
  runs: readonly RunId[],
  { store, signal }: { readonly store: HistoryStore; readonly signal: AbortSignal },
): Promise<readonly SyncedRun[]> {
  const written: SyncedRun[] = [];
  for (const run of runs) {
    if (signal.aborted) break;
    const synced = await syncRun(context, run, { store, signal });
    if (synced.did === 'written') written.push(synced);
  }
  return written;
}

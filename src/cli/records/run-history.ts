import { planFileText } from '../../engine/journal/plan-record.js';
import { reasonOf } from '../../errors/reason.js';
import type { Listener } from '../../events/bus.js';
import { createHistoryRecorder } from '../../history/recorder.js';
import type { RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Context } from '../context/context.js';
import { catchUp, pendingRuns } from './catch-up.js';
import { historyOf, openAppHistory, useHistory } from './records.js';
import { isShared } from './shared-runs.js';
import { syncRun } from './sync.js';
import { historyKey, removeMark, writeMark } from './sync-marks.js';

/** How long the end of a run may wait for its history, in milliseconds. */
const PATIENCE_MS = 2_000;

/** How long earlier runs are written beside this one. */
const MEANWHILE_MS = 600_000;

interface RunHistory {
  readonly listener: Listener;
  readonly close: () => Promise<void>;
}

interface Recorded {
  /** Whose history it is: the app as it is configured now. */
  readonly app: App;
  readonly plan: Plan;
  readonly warn: (message: string) => void;
}

/**
 * The history of a run that this process carries out. It is opened and written in the background: a store that is down,
 * slow or hangs neither stops nor delays the run. A mark in the state folder tells the next command what may be lacking.
 */
export function keepHistory(context: Context, { app, plan, warn }: Recorded): RunHistory {
  const { stateDir } = context;
  const { run } = plan;
  const history = historyKey(historyOf(context, app));
  const others = pendingRuns(context, history);
  const mark = { run, app: app.name, history, syncedBytes: null };
  const isMarked = tryTo(() => writeMark(stateDir, { ...mark, isOver: false }));
  const recorder = createHistoryRecorder({
    open: () => openAppHistory(context, app),
    ...(isShared(historyOf(context, app)) ? { shared: { run, plan: planFileText(plan) } } : {}),
  });
  const ended = new AbortController();
  void catchUpMeanwhile(context, app, { others, signal: ended.signal });
  return {
    listener: recorder.listener,
    async close() {
      ended.abort();
      const { lacking, why } = await recorder.close(PATIENCE_MS);
      if (lacking === 0) {
        if (isMarked) tryTo(() => removeMark(stateDir, run));
        return;
      }
      tryTo(() => writeMark(stateDir, { ...mark, isOver: true }));
      warn(incomplete(run, why));
    },
  };
}

/** What earlier runs lack is no matter of this one. */
async function catchUpMeanwhile(
  context: Context,
  app: App,
  { others, signal }: { readonly others: readonly RunId[]; readonly signal: AbortSignal },
): Promise<void> {
  if (others.length === 0) return;
  await useHistory(context, app, { ms: MEANWHILE_MS, signal }, (store, limit) =>
    catchUp(context, others, { store, signal: limit }),
  ).catch(() => undefined);
}

/** The history of a run whose controller died, once its end is in its journal. */
export function closeHistory(context: Context, { app, plan, warn }: Recorded): RunHistory {
  return {
    listener: () => undefined,
    async close() {
      try {
        await useHistory(context, app, { ms: PATIENCE_MS }, (store, signal) =>
          syncRun(context, plan.run, { store, signal, isOver: true }),
        );
      } catch (error) {
        warn(incomplete(plan.run, reasonOf(error)));
      }
    },
  };
}

const incomplete = (run: RunId, why: string | null): string =>
  `the history of run ${run} is incomplete: ${why ?? 'not all of it was written'}; its journal has all of it; ` +
  'to write it once the history can be reached: fleet history sync';

/** A full disk has its own warning, of the journal. */
function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

import { join } from 'node:path';
import { journalFolder, openJournal, reopenJournal } from '../../engine/journal/journal.js';
import { noteOwner } from '../../engine/journal/run-owner.js';
import { reasonOf } from '../../errors/reason.js';
import type { Listener } from '../../events/bus.js';
import { createDeployLog } from '../../history/deploy-log.js';
import { createHistoryRecorder } from '../../history/recorder.js';
import type { App } from '../../model/runs/app.js';
import type { Plan } from '../../model/runs/plan.js';
import { planView } from '../../model/runs/plan-view.js';
import type { Context } from '../context/context.js';
import type { Receivers } from '../context/workspace.js';
import { openRunNotices } from '../notify/run-notices.js';
import { openAppHistory } from './records.js';

/** What keeps the events of a run. */
interface Recorder {
  readonly listener: Listener;
  /** Resolves when every event is written. Never rejects. */
  readonly close?: () => Promise<void>;
}

/** The readers that keep what a run does; each is subscribed separately, so that one may fail alone. */
export interface Recorders {
  readonly listeners: readonly Listener[];
  close(): Promise<void>;
}

export interface Recorded {
  /** Whose history it is: the app as it is configured now. */
  readonly app: App;
  readonly plan: Plan;
  /**
   * `begins`: this process carries the run out. `died`: another one started it, its records exist, and
   * only its end is added.
   */
  readonly run: 'begins' | 'died';
  /** Who gets notices, where a fleet.yaml was read for the run. */
  readonly notify?: Receivers | undefined;
  readonly warn: (message: string) => void;
}

/**
 * Opens every record of a run: its journal, with a note of who carries it out, `deploy.log` and the
 * history. A run does not start without its journal: a failure to open it is thrown. A problem with
 * another record is passed to `warn`. Add a further reader to this list.
 */
export async function openRecorders(context: Context, recorded: Recorded): Promise<Recorders> {
  const recorders: readonly Recorder[] = [
    journalOf(context, recorded),
    deployLogOf(context, recorded),
    ...(await historyOf(context, recorded)),
    ...(await noticesOf(context, recorded)),
  ];
  return {
    listeners: recorders.map(({ listener }) => listener),
    async close() {
      for (const { close } of recorders) await close?.();
    },
  };
}

function journalOf({ stateDir }: Context, { plan, run, warn }: Recorded): Recorder {
  const folder = journalFolder(stateDir, plan.run);
  const journal = run === 'begins' ? openJournal(folder, plan, warn) : reopenJournal(folder, warn);
  if (run === 'begins') noteOwner(folder);
  return { listener: journal.append, close: async () => journal.close() };
}

/** The end of a run that died is noted by another process, whose identity is not that of the run. */
function deployLogOf({ stateDir, identity }: Context, { plan, run, warn }: Recorded): Recorder {
  const of = run === 'begins' ? { identity } : { begun: planView(plan) };
  return { listener: createDeployLog(join(stateDir, 'deploy.log'), warn, of) };
}

/** The history is a record, not a condition: a run continues without it, with a warning. */
async function historyOf(
  context: Context,
  { app, plan, run, warn }: Recorded,
): Promise<readonly Recorder[]> {
  try {
    const store = await openAppHistory(context, app);
    const { listener, flush } = createHistoryRecorder(
      store,
      warn,
      run === 'died' ? plan.run : null,
    );
    const close = async (): Promise<void> => {
      await flush();
      await store
        .close()
        .catch((error: unknown) => warn(`the history was not closed: ${reasonOf(error)}`));
    };
    return [{ listener, close }];
  } catch (error) {
    warn(`the history of run ${plan.run} is not written: ${reasonOf(error)}`);
    return [];
  }
}

async function noticesOf(
  context: Context,
  { plan, run, notify, warn }: Recorded,
): Promise<readonly Recorder[]> {
  const notices = await openRunNotices(context, { plan, run, notify, warn });
  return notices === null ? [] : [notices];
}

import { join } from 'node:path';
import {
  type Journal,
  journalFolder,
  openJournal,
  reopenJournal,
} from '../../engine/journal/journal.js';
import { noteOwner } from '../../engine/journal/run-owner.js';
import type { EventBus, Listener } from '../../events/bus.js';
import { createDeployLog } from '../../history/deploy-log.js';
import type { App } from '../../model/runs/app.js';
import type { Plan } from '../../model/runs/plan.js';
import { planView } from '../../model/runs/plan-view.js';
import type { Context } from '../context/context.js';
import type { Receivers } from '../context/workspace.js';
import { openRunNotices } from '../notify/run-notices.js';
import { closeHistory, keepHistory } from './run-history.js';
import { telemetryOf } from './telemetry.js';
import type { TelemetryFiles } from './telemetry-request.js';

/** What keeps the events of a run. */
interface Recorder {
  readonly listener: Listener;
  /** Resolves when every event is written. Never rejects. */
  readonly close?: () => Promise<void>;
}

/** The readers that keep what a run does; each is subscribed separately, so that one may fail alone. */
export interface Recorders {
  readonly listeners: readonly Listener[];
  /** The digest of the last line of the journal; null if it is not whole. */
  readonly journalHead: () => string | null;
  close(): Promise<void>;
}

/** Subscribes every record of a run; at its end, they and all other readers are told the last digest of the journal. */
export function subscribeRecorders(bus: EventBus, { listeners, journalHead }: Recorders): void {
  for (const listener of listeners) bus.subscribe(listener);
  bus.subscribe(({ type }) => {
    const digest = type === 'run-ended' ? journalHead() : null;
    if (digest !== null) bus.emit({ type: 'journal-sealed', digest });
  });
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
  /** What was typed; the environment may ask for more. */
  readonly files?: TelemetryFiles | undefined;
  readonly warn: (message: string) => void;
}

/**
 * Opens every record of a run: its journal, with a note of who carries it out, `deploy.log` and the
 * history. A run does not start without its journal: a failure to open it is thrown. A problem with
 * another record is passed to `warn`. Add a further reader to this list.
 */
export async function openRecorders(context: Context, recorded: Recorded): Promise<Recorders> {
  const journal = journalOf(context, recorded);
  const recorders: readonly Recorder[] = [
    { listener: journal.append, close: async () => journal.close() },
    deployLogOf(context, recorded, journal),
    recorded.run === 'begins' ? keepHistory(context, recorded) : closeHistory(context, recorded),
    ...(await noticesOf(context, recorded)),
    ...(await telemetryOf(context, recorded)),
  ];
  return {
    listeners: recorders.map(({ listener }) => listener),
    journalHead: () => journal.head,
    async close() {
      const [journal, ...others] = recorders;
      await journal?.close?.();
      await Promise.all(others.map(async ({ close }) => close?.()));
    },
  };
}

/** Its readers are told of an event after it, so that they can name its last line. */
function journalOf({ stateDir }: Context, { plan, run, warn }: Recorded): Journal {
  const folder = journalFolder(stateDir, plan.run);
  const journal = run === 'begins' ? openJournal(folder, plan, warn) : reopenJournal(folder, warn);
  if (run === 'begins') noteOwner(folder);
  return journal;
}

/** The end of a run that died is noted by another process, whose identity is not that of the run. */
function deployLogOf(
  { stateDir, identity }: Context,
  { plan, run, warn }: Recorded,
  journal: Journal,
): Recorder {
  const journalHead = (): string | null => journal.head;
  const of = run === 'begins' ? { identity, journalHead } : { begun: planView(plan), journalHead };
  return { listener: createDeployLog(join(stateDir, 'deploy.log'), warn, of) };
}

async function noticesOf(
  context: Context,
  { plan, run, notify, warn }: Recorded,
): Promise<readonly Recorder[]> {
  const notices = await openRunNotices(context, { plan, run, notify, warn });
  return notices === null ? [] : [notices];
}

import { join } from 'node:path';
import { artifactsOf } from '../engine/artifact-source.js';
import { createCaller } from '../engine/caller.js';
import { watchRequests } from '../engine/control.js';
import { createEffects } from '../engine/effects.js';
import { createHeartbeat } from '../engine/heartbeat.js';
import { journalFolder, openJournal } from '../engine/journal.js';
import { Lease } from '../engine/lease.js';
import { runPlan } from '../engine/run.js';
import { noteOwner } from '../engine/run-owner.js';
import type { ExitCode } from '../errors/codes.js';
import { createDeployLog } from '../history/deploy-log.js';
import { openHistory } from '../history/open.js';
import { createHistoryRecorder, type HistoryRecorder } from '../history/recorder.js';
import type { HostName } from '../model/names.js';
import { runJson } from '../ui/json.js';
import { printJson } from './output.js';
import type { Proposed } from './propose.js';
import { onPause } from './run-options.js';
import type { Session } from './session.js';

/** Carries a confirmed plan out, with every reader of its events in place, and says how it ended. */
export async function executePlan(session: Session, proposed: Proposed): Promise<ExitCode> {
  const { context, options, link, clients, bus, reporter, interrupts } = session;
  const { plan, archive } = proposed;
  const warn = (message: string, host?: HostName): void =>
    bus.emit({ type: 'warning', message, host });
  const folder = journalFolder(context.stateDir, plan.run);
  const journal = openJournal(folder, plan, warn);
  noteOwner(folder);
  const history = await openRecorder(session, warn);
  bus.subscribe(journal.append);
  bus.subscribe(createDeployLog(join(context.stateDir, 'deploy.log'), warn, context.identity));
  if (history !== null) bus.subscribe(history.recorder.listener);
  const lease = new Lease(context.clock, plan.app.policy.leaseMs);
  const call = createCaller({
    clients,
    bus,
    limit: link.limit,
    clock: context.clock,
    lease,
    artifacts: artifactsOf(archive),
    random: Math.random,
  });
  const heartbeat = createHeartbeat({
    plan,
    bus,
    clock: context.clock,
    lease,
    call,
    hasLock: () => session.lock?.held !== false,
  });
  const startedAt = context.clock.now().toISOString();
  try {
    const conclusion = await runPlan({
      plan,
      bus,
      carryOut: createEffects({ plan, archive, call, clock: context.clock, warn }),
      clock: context.clock,
      heartbeat,
      control: (tell) => watchRequests(folder, tell),
      atOnce: options.forks,
      onPause: onPause(context, options),
      ...interrupts,
    });
    await reporter.finish();
    if (options.json === true) {
      const endedAt = context.clock.now().toISOString();
      printJson(context, runJson({ plan, ...conclusion, startedAt, endedAt }));
    }
    return conclusion.exitCode;
  } finally {
    journal.close();
    await history?.close();
  }
}

const notClosed = (error: unknown): string =>
  `the history was not closed: ${error instanceof Error ? error.message : String(error)}`;

interface OpenRecorder {
  readonly recorder: HistoryRecorder;
  close(): Promise<void>;
}

/** The history is a record, not a condition: a run goes on without it, and says so. */
async function openRecorder(
  { context, target }: Session,
  warn: (message: string) => void,
): Promise<OpenRecorder | null> {
  try {
    const file = target.app.historyPath ?? join(context.stateDir, 'history.db');
    const store = await openHistory(file, { now: context.clock.now, random: Math.random });
    const recorder = createHistoryRecorder(store, warn);
    return {
      recorder,
      async close() {
        await recorder.flush();
        await store.close().catch((error: unknown) => warn(notClosed(error)));
      },
    };
  } catch (error) {
    warn(`the history is not written: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

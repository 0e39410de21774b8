import type { Listener } from '../events/bus.js';
import type { FleetEvent } from '../events/event.js';
import { STAGE_TRAITS } from '../model/host-stage.js';
import type { RunId } from '../model/names.js';
import type { Plan } from '../model/plan.js';
import { timelineEntry } from './run-timeline.js';
import type { HistoryStore, HostProgress, RunEvent, RunProgress, RunStart } from './store.js';

/** How long progress is gathered before it is written, in milliseconds. */
const GATHER_MS = 500;

/** A reader of the event stream that keeps the history. */
export interface HistoryRecorder {
  readonly listener: Listener;
  /** Resolves when everything heard so far was written, or given up on. Never rejects. */
  flush(): Promise<void>;
}

/**
 * Writes what a run does into a store, in order and beside the run. What the store can not take is
 * told once through `warn`; it never fails the run.
 */
export function createHistoryRecorder(
  store: HistoryStore,
  warn: (message: string) => void,
): HistoryRecorder {
  let run: RunId | null = null;
  let warned = false;
  let written: Promise<void> = Promise.resolve();
  const progress = createProgress(() => {
    const id = run;
    const taken = progress.take();
    if (id !== null && taken !== null) enqueue(() => store.recordProgress(id, taken));
  });

  function enqueue(write: () => Promise<void>): void {
    written = written.then(write).catch((error: unknown) => {
      if (warned) return;
      warned = true;
      const why = error instanceof Error ? error.message : String(error);
      warn(`the history is incomplete: ${why}`);
    });
  }

  function listener(event: FleetEvent): void {
    if (event.type === 'run-started') {
      run = event.run;
      enqueue(() => store.recordStart(startOf(event.plan, event.at)));
    }
    if (run === null) return;
    progress.hear(event);
    if (event.type !== 'run-ended') return;
    progress.flush();
    const id = run;
    const { state, exitCode, hosts, at: endedAt } = event;
    enqueue(() => store.recordEnd(id, { state, exitCode, hosts, endedAt }));
  }

  return {
    listener,
    flush() {
      progress.flush();
      return written;
    },
  };
}

interface Progress {
  hear(event: FleetEvent): void;
  /** What was heard since the last time, null for nothing. */
  take(): RunProgress | null;
  /** Has it taken now. */
  flush(): void;
}

/**
 * Gathers what a run does until `onDue`, half a second after the first of it: a transaction for each
 * host would be a tenth of what a run costs its bastion.
 */
function createProgress(onDue: () => void): Progress {
  let hosts: HostProgress[] = [];
  let events: RunEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    onDue();
  };
  return {
    hear(event) {
      const entry = timelineEntry(event);
      if (entry !== null) events.push(entry);
      if (event.type === 'host-stage' && STAGE_TRAITS[event.stage].final) {
        const { host, stage: state, at, failure: error = null } = event;
        hosts.push({ host, state, at, error });
      }
      if (hosts.length + events.length > 0) timer ??= setTimeout(flush, GATHER_MS);
    },
    take() {
      if (hosts.length + events.length === 0) return null;
      const taken = { hosts, events };
      [hosts, events] = [[], []];
      return taken;
    },
    flush,
  };
}

/** What is kept of a plan: no settings, no addresses, nothing that could hold a secret. */
function startOf(plan: Plan, startedAt: string): RunStart {
  const { run, kind, group, operator } = plan;
  const { id, version, commit, digest } = plan.release;
  const release = { id, version, commit, digest };
  const hosts = plan.hosts.map(({ host, wave, from, to }) => ({ host: host.name, wave, from, to }));
  return { run, kind, app: plan.app.name, group, operator, release, startedAt, hosts };
}

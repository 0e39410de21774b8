import { reasonOf } from '../errors/reason.js';
import type { Listener } from '../events/bus.js';
import type { FleetEvent } from '../events/event.js';
import type { RunId } from '../model/names.js';
import { STAGE_TRAITS } from '../model/runs/host-stage.js';
import { bastionOf } from '../model/runs/operator.js';
import type { PlanView } from '../model/runs/plan-view.js';
import { personRecord } from './person-fields.js';
import { timelineEntry } from './run-timeline.js';
import { createStamper, type Stamp } from './stamp.js';
import type { HistoryWrites, HostProgress, RunProgress, RunStart, StampedEvent } from './store.js';

/** How long progress is gathered before it is written, in milliseconds. */
const GATHER_MS = 500;

/** An event listener that keeps the history. */
export interface HistoryRecorder {
  readonly listener: Listener;
  /** Resolves when all events so far were written, or given up. Never rejects. */
  flush(): Promise<void>;
}

/**
 * Writes a run's events into a store, in order and in the background. What cannot be stored is reported once through
 * `warn`; it never fails the run. `begun` is a run that is in the store already and lacks only its end.
 */
export function createHistoryRecorder(
  store: HistoryWrites,
  warn: (message: string) => void,
  begun: RunId | null = null,
): HistoryRecorder {
  let run = begun;
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
      const why = reasonOf(error);
      warn(`the history is incomplete: ${why}`);
    });
  }

  const stamper = createStamper();

  function listener(event: FleetEvent): void {
    const stamp = stamper(event);
    if (event.type === 'run-started') {
      run = event.run;
      enqueue(() => store.recordStart(startOf(event.plan, { startedAt: event.at, stamp })));
    }
    if (run === null) return;
    progress.hear(event, stamp);
    if (event.type !== 'run-ended') return;
    progress.flush();
    const id = run;
    const { state, exitCode, hosts, at: endedAt } = event;
    enqueue(() => store.recordEnd(id, { stamp, state, exitCode, hosts, endedAt }));
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
  hear(event: FleetEvent, stamp: Stamp): void;
  /** The events since the last write, null for none. */
  take(): RunProgress | null;
  /** Writes them now. */
  flush(): void;
}

/**
 * Gathers a run's events until `onDue`, half a second after the first: a transaction for each host would be a tenth of a
 * run's cost on its bastion.
 */
function createProgress(onDue: () => void): Progress {
  let hosts: HostProgress[] = [];
  let events: StampedEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    onDue();
  };
  return {
    hear(event, stamp) {
      const entry = timelineEntry(event);
      if (entry !== null) events.push({ ...entry, stamp });
      if (event.type === 'host-stage' && STAGE_TRAITS[event.stage].final) {
        const { host, stage: state, at, failure: error = null } = event;
        hosts.push({ host, stamp, state, at, error });
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

function startOf(plan: PlanView, begun: Pick<RunStart, 'startedAt' | 'stamp'>): RunStart {
  const { run, kind, app, group, operator, reason, hosts } = plan;
  const bastion = plan.person?.bastion ?? bastionOf(operator);
  const release = { ...plan.release, committedAt: null };
  const person = { operator, bastion, ...personRecord(plan.person) };
  return { run, kind, app, group, ...person, release, reason, ...begun, hosts };
}

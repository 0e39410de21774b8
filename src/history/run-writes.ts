import type { FleetEvent } from '../events/event.js';
import { bastionOf } from '../model/hosts/operator.js';
import type { RunId } from '../model/names.js';
import { STAGE_TRAITS } from '../model/runs/host-stage.js';
import type { PlanView } from '../model/runs/plan-view.js';
import { personRecord } from './person-fields.js';
import { timelineEntry } from './run-timeline.js';
import { createStamper, type Stamp } from './stamp.js';
import type {
  HistoryWrites,
  HostProgress,
  RunEnd,
  RunProgress,
  RunStart,
  StampedEvent,
} from './store.js';

/** One write of a run. */
export type RunWrite =
  | { readonly kind: 'start'; readonly start: RunStart }
  | { readonly kind: 'progress'; readonly run: RunId; readonly progress: RunProgress }
  | { readonly kind: 'end'; readonly run: RunId; readonly end: RunEnd };

/** Makes writes of the events of a run, whether they come as it runs or from its journal. */
export interface RunWrites {
  hear(event: FleetEvent): void;
  /** How much was gathered since the last write. */
  readonly gathered: number;
  /** Writes it now. */
  flush(): void;
}

export function createRunWrites(put: (write: RunWrite) => void): RunWrites {
  const stamper = createStamper();
  let run: RunId | null = null;
  let hosts: HostProgress[] = [];
  let events: StampedEvent[] = [];

  function flush(): void {
    if (run === null || hosts.length + events.length === 0) return;
    const progress = { hosts, events };
    [hosts, events] = [[], []];
    put({ kind: 'progress', run, progress });
  }

  function gather(event: FleetEvent, stamp: Stamp): void {
    const entry = timelineEntry(event);
    if (entry !== null) events.push({ ...entry, stamp });
    if (event.type !== 'host-stage' || !STAGE_TRAITS[event.stage].final) return;
    const { host, stage: state, at, failure: error = null } = event;
    hosts.push({ host, stamp, state, at, error });
  }

  return {
    hear(event) {
      const stamp = stamper(event);
      if (event.type === 'run-started') {
        flush();
        run = event.run;
        put({ kind: 'start', start: startOf(event.plan, { stamp, startedAt: event.at }) });
      }
      if (run === null) return;
      gather(event, stamp);
      if (event.type !== 'run-ended') return;
      flush();
      const { state, exitCode, hosts: ended, at: endedAt } = event;
      put({ kind: 'end', run, end: { stamp, state, exitCode, hosts: ended, endedAt } });
    },
    get gathered() {
      return hosts.length + events.length;
    },
    flush,
  };
}

export function carryOut(store: HistoryWrites, write: RunWrite): Promise<void> {
  switch (write.kind) {
    case 'start':
      return store.recordStart(write.start);
    case 'progress':
      return store.recordProgress(write.run, write.progress);
    case 'end':
      return store.recordEnd(write.run, write.end);
    default:
      return write satisfies never;
  }
}

/** About how many bytes a write is, without making them. */
export function sizeOf(write: RunWrite): number {
  const hosts = hostsOf(write);
  const events = write.kind === 'progress' ? write.progress.events : [];
  const words = events.reduce((sum, { detail }) => sum + detail.length, 0);
  return (hosts + events.length + 1) * BYTES_EACH + 2 * words;
}

const BYTES_EACH = 300;

function hostsOf(write: RunWrite): number {
  switch (write.kind) {
    case 'start':
      return write.start.hosts.length;
    case 'progress':
      return write.progress.hosts.length;
    default:
      return write.end.hosts.length;
  }
}

function startOf(plan: PlanView, begun: Pick<RunStart, 'startedAt' | 'stamp'>): RunStart {
  const { run, kind, app, group, operator, reason, hosts } = plan;
  const bastion = plan.person?.bastion ?? bastionOf(operator);
  const release = { ...plan.release, committedAt: plan.release.committedAt ?? null };
  const person = { operator, bastion, ...personRecord(plan.person) };
  return { run, kind, app, group, ...person, release, reason, ...begun, hosts };
}

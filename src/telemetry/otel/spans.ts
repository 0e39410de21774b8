import type { EventOf, FleetEvent } from '../../events/event.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import { stopText, waveName } from '../../model/runs/run-words.js';
import { isSuccess } from '../run-report.js';
import { keepHosts } from './host-spans.js';
import type { Attributes, Span, SpanEvent, StepRecord } from './span.js';
import type { Trace } from './trace.js';

interface PhaseRecord {
  readonly name: string;
  readonly wave: number | null;
  readonly startMs: number;
  endMs: number | null;
}

/** Makes spans from the events of a run: the run, its phases, the hosts in each, and their steps. */
export interface SpanBuilder {
  hear(event: FleetEvent): void;
  /** Empty if no run has begun. */
  spans(): readonly Span[];
}

const LONGEST_MESSAGE = 500;

export function createSpanBuilder(trace: Trace): SpanBuilder {
  const phases: PhaseRecord[] = [];
  const steps: StepRecord[] = [];
  const open = new Map<string, { readonly phase: number; readonly startMs: number }>();
  const notes: SpanEvent[] = [];
  let started: EventOf<'run-started'> | null = null;
  let ended: EventOf<'run-ended'> | null = null;
  let lastMs = 0;

  const begin = (key: string, startMs: number): void =>
    void open.set(key, { phase: phases.length - 1, startMs });
  const end = (key: string, step: Pick<StepRecord, 'host' | 'name' | 'failure'>): void => {
    const begun = open.get(key);
    open.delete(key);
    if (begun !== undefined) steps.push({ ...begun, ...step, endMs: lastMs });
  };

  function hear(event: FleetEvent): void {
    if (started === null && event.type !== 'run-started') return;
    lastMs = Date.parse(event.at);
    switch (event.type) {
      case 'run-started':
        started = event;
        return;
      case 'phase-started':
        phases.push({ name: event.phase, wave: event.wave, startMs: lastMs, endMs: null });
        return;
      case 'phase-ended':
        for (const phase of phases) {
          if (phase.name === event.phase && phase.wave === event.wave) phase.endMs ??= lastMs;
        }
        return;
      case 'step-sent':
        return begin(keyOf(event), lastMs);
      case 'step-ended':
        return end(keyOf(event), { ...event, name: event.verbs.join('+') });
      case 'hook-started':
        return begin(`hook ${event.key}`, lastMs);
      case 'hook-ended':
        return end(`hook ${event.key}`, { ...event, name: `hook ${event.name}` });
      case 'run-ended':
        ended = event;
        return;
      default: {
        const attributes = noteOf(event);
        if (attributes !== null && notes.length < MOST_NOTES) {
          notes.push({ name: event.type, atMs: lastMs, attributes });
        }
      }
    }
  }

  return {
    hear,
    spans() {
      if (started === null) return [];
      const times = { startMs: Date.parse(started.at), endMs: lastMs };
      const run = runSpan(trace, { plan: started.plan, ended, notes, ...times });
      const shown = phases.map((phase, at) => phaseSpan(trace, phase, at, lastMs));
      const parents = shown.map(({ id }) => id);
      return [run, ...shown, ...keepHosts(trace, { steps, parents, plan: started.plan })];
    },
  };
}

/** A run with many warnings shows the first. */
const MOST_NOTES = 100;

const keyOf = ({ host, txn, verbs }: EventOf<'step-sent'> | EventOf<'step-ended'>): string =>
  [host, txn, verbs.join('+')].join(' ');

/** What is a point in the time of a run; null for what is none. */
function noteOf(event: FleetEvent): Attributes | null {
  switch (event.type) {
    case 'stopped':
      return {
        'fleet.stop.kind': event.reason.kind,
        'fleet.stop.reason': stopText(event.reason, 200),
      };
    case 'gate-judged':
      return { 'fleet.wave': event.wave + 1, 'fleet.gate.verdict': event.verdict };
    case 'paused':
      return { 'fleet.wave': event.wave + 1, 'fleet.pause.kind': event.why.kind };
    case 'resumed':
      return { 'fleet.by': event.by };
    case 'warning':
      return { message: event.message.slice(0, LONGEST_MESSAGE), 'host.name': event.host ?? null };
    default:
      return null;
  }
}

interface RunTimes {
  readonly plan: PlanView;
  readonly ended: EventOf<'run-ended'> | null;
  readonly notes: readonly SpanEvent[];
  readonly startMs: number;
  readonly endMs: number;
}

function runSpan(trace: Trace, { plan, ended, notes, ...times }: RunTimes): Span {
  const state = ended?.state ?? null;
  const { id, version, commit } = plan.release;
  return {
    id: trace.rootId,
    parent: trace.parentId,
    name: `RUN ${plan.app}`,
    kind: 'server',
    ...times,
    attributes: {
      'cicd.pipeline.name': plan.app,
      'cicd.pipeline.run.id': plan.run,
      'cicd.pipeline.action.name': 'RUN',
      'cicd.pipeline.result': resultOf(state),
      'deployment.environment.name': plan.group,
      'deployment.id': plan.run,
      'vcs.ref.head.revision': commit,
      'error.type': isSuccess(state) ? null : (state ?? 'unfinished'),
      'fleet.kind': plan.kind,
      'fleet.state': state,
      'fleet.exit_code': ended?.exitCode ?? null,
      'fleet.release': id,
      'fleet.version': version,
      'fleet.operator': plan.operator,
      'fleet.reason': plan.reason,
      'fleet.hosts': plan.hosts.length,
    },
    events: notes,
    error: isSuccess(state) ? null : `the run ended: ${state ?? 'unfinished'}`,
  };
}

function resultOf(state: EventOf<'run-ended'>['state'] | null): string {
  switch (state) {
    case 'succeeded':
    case 'succeeded_partial':
      return 'success';
    case 'rolled_back':
    case 'stopped_mixed':
      return 'failure';
    case 'aborted_clean':
    case 'paused':
      return 'cancellation';
    case 'refused':
      return 'skip';
    case 'rollback_incomplete':
    case 'fenced':
    case null:
      return 'error';
  }
}

function phaseSpan(trace: Trace, phase: PhaseRecord, at: number, lastMs: number): Span {
  const { name, wave, startMs, endMs } = phase;
  return {
    id: trace.spanId(`phase ${at}`),
    parent: trace.rootId,
    name: wave === null ? name : waveName(wave),
    kind: 'internal',
    startMs,
    endMs: endMs ?? lastMs,
    attributes: { 'fleet.phase': name, 'fleet.wave': wave === null ? null : wave + 1 },
    events: [],
    error: null,
  };
}

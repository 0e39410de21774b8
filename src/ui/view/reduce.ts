import type { EventOf, FleetEvent } from '../../events/event.js';
import type { HostName } from '../../model/names.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import type { HostStage, StopReason } from '../../model/runs/run.js';
import {
  type HostView,
  isFailed,
  isRunning,
  type View,
  type WaveState,
  type WaveView,
} from './view.js';

/** A view that grows with its run. Each event costs the same for 3 hosts and for 5,000. */
export interface LiveView {
  readonly view: View;
  apply(event: FleetEvent): void;
  /** No more events come. */
  close(): void;
}

/**
 * `view` is one object that changes in place: to copy thousands of hosts at every event would block
 * the event loop. Readers read it when they draw, and keep nothing of it.
 */
export function createLiveView(): LiveView {
  const view: Draft = {
    startedAt: null,
    lastAt: 0,
    preflight: null,
    header: null,
    phases: [],
    waves: [],
    hosts: new Map(),
    counts: {},
    running: new Map(),
    failed: new Map(),
    hook: null,
    upload: null,
    failedHooks: [],
    stop: null,
    warnings: [],
    end: null,
    isOver: false,
  };
  return {
    view,
    apply: (event) => apply(view, event),
    close() {
      view.isOver = true;
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Counts = Partial<Record<HostStage, number>>;
type Draft = Mutable<
  Omit<
    View,
    'phases' | 'waves' | 'hosts' | 'counts' | 'running' | 'failed' | 'failedHooks' | 'warnings'
  >
> & {
  phases: Mutable<View['phases'][number]>[];
  waves: (Mutable<Omit<WaveView, 'counts'>> & { counts: Counts })[];
  hosts: Map<HostName, HostView>;
  counts: Counts;
  running: Map<HostName, HostView>;
  failed: Map<HostName, HostView>;
  failedHooks: View['failedHooks'][number][];
  warnings: View['warnings'][number][];
};

function apply(view: Draft, event: FleetEvent): void {
  if (event.type === 'stream-started') return;
  const at = Date.parse(event.at);
  view.startedAt ??= at;
  view.lastAt = at;
  switch (event.type) {
    case 'preflight-started':
      view.preflight = { hosts: event.hosts, answered: 0, failed: 0 };
      startPhase(view, { phase: 'preflight', wave: null, hosts: event.hosts }, at);
      for (const name of event.hosts) put(view, freshHost(name, null, 'waiting', at));
      return;
    case 'preflight-asked':
      return beginHost(view, event.host, 'checking', at);
    case 'preflight-host':
      return answerPreflight(view, event, at);
    case 'run-started':
      return startRun(view, event, at);
    case 'phase-started':
      return startPhase(view, event, at);
    case 'phase-ended':
      return endPhase(view, event, at);
    case 'host-stage':
      return moveHost(view, event, at);
    case 'upload-progress':
      view.upload = event;
      return;
    case 'hook-started':
    case 'hook-note':
    case 'hook-ended':
      return noteHook(view, event, at);
    case 'host-note':
      if (view.hook?.host === event.host) view.hook = { ...view.hook, note: event.note };
      return change(view, event.host, { note: event.note });
    case 'backup-taken':
      return change(view, event.host, { note: 'backup taken' });
    case 'backup-restored':
      return change(view, event.host, { note: 'backup restored' });
    case 'bake-started':
      setWave(view, event.wave, 'baking', at + event.ms);
      return;
    case 'gate-started':
      setWave(view, event.wave, 'gate');
      return;
    case 'gate-judged':
      setWave(view, event.wave, GATE_STATES[event.verdict]);
      return;
    case 'paused':
      setWave(view, event.wave, 'paused');
      return;
    case 'stopped':
      return stop(view, event.reason);
    case 'warning':
      view.warnings.push({ message: event.message, host: event.host ?? null });
      return;
    case 'run-ended':
      view.end = { ...event, startedAt: Date.parse(event.startedAt), endedAt: at };
      for (const phase of view.phases) phase.endedAt ??= at;
      return;
    case 'pause-asked':
    case 'hook-settled':
    case 'taken-over':
    case 'resumed':
    case 'step-ended':
      return;
    case 'step-sent':
      return beginHost(view, event.host, view.hosts.get(event.host)?.stage, at);
  }
}

const GATE_STATES = { pass: 'passed', fail: 'failed', inconclusive: 'inconclusive' } as const;

function answerPreflight(view: Draft, event: EventOf<'preflight-host'>, at: number): void {
  const { preflight } = view;
  if (preflight === null) return;
  const failed = preflight.failed + (event.failure === null ? 0 : 1);
  view.preflight = { ...preflight, answered: preflight.answered + 1, failed };
  const stage = event.failure === null ? 'waiting' : 'failed';
  change(view, event.host, { stage, since: at, note: null, failure: event.failure });
  if (view.preflight.answered === preflight.hosts.length) {
    endPhase(view, { phase: 'preflight', wave: null }, at);
  }
}

/** Hooks of one host are shown by what they print there; those of a wave or of the run by themselves. */
function noteHook(
  view: Draft,
  event: EventOf<'hook-started'> | EventOf<'hook-note'> | EventOf<'hook-ended'>,
  at: number,
): void {
  if (event.type === 'hook-note') {
    if (view.hook !== null) view.hook = { ...view.hook, note: event.note };
    return;
  }
  const { name, host, key, turn } = event;
  if (event.type === 'hook-started') {
    if (key !== turn) view.hook = { name, host, startedAt: at, note: null };
    else if (host !== null) beginHost(view, host, view.hosts.get(host)?.stage, at);
    return;
  }
  if (key === turn) return;
  view.hook = null;
  if (event.failure === null || event.ifFails === 'warn') return;
  view.failedHooks.push({ title: host ?? 'hook', failure: event.failure });
}

/** From here on the hosts are those of the plan: some of preflight's may have been skipped. */
function startRun(view: Draft, event: EventOf<'run-started'>, at: number): void {
  const { plan, run, kind } = event;
  const { app, group, release, operator } = plan;
  view.header = { run, kind, app, group, release: release.id, operator, plan };
  endPhase(view, { phase: 'preflight', wave: null }, at);
  // The time that a person needed to read the plan does not count.
  view.startedAt = at;
  view.upload = null;
  view.hosts.clear();
  view.running.clear();
  view.failed.clear();
  view.counts = {};
  view.waves = wavesOf(plan).map((hosts, index) => ({
    index,
    hosts,
    counts: {},
    state: 'waiting',
    bakeUntil: null,
  }));
  for (const { host, wave } of plan.hosts) put(view, freshHost(host, wave, 'waiting', at));
}

function wavesOf({ hosts, waves }: PlanView): readonly (readonly HostName[])[] {
  const found = Array.from({ length: waves }, (): HostName[] => []);
  for (const { host, wave } of hosts) found[wave]?.push(host);
  return found;
}

function startPhase(
  view: Draft,
  phase: Pick<View['phases'][number], 'phase' | 'wave' | 'hosts'>,
  at: number,
): void {
  const last = view.phases.at(-1);
  // Preflight may begin by a phase event and by its own: it is one phase.
  if (last?.phase === phase.phase && last.wave === phase.wave && last.endedAt === null) return;
  const { phase: name, wave, hosts } = phase;
  view.phases.push({ phase: name, wave, hosts, startedAt: at, endedAt: null, hasFailed: false });
  if (name === 'wave' && wave !== null) setWave(view, wave, 'switching');
}

function endPhase(
  view: Draft,
  ended: Pick<View['phases'][number], 'phase' | 'wave'>,
  at: number,
): void {
  const phase = view.phases.findLast((p) => p.phase === ended.phase && p.wave === ended.wave);
  if (phase !== undefined && phase.endedAt === null) {
    phase.endedAt = at;
    // The phase that a stop ends is the one that failed.
    phase.hasFailed = view.stop !== null && !view.phases.some(({ hasFailed }) => hasFailed);
  }
  const wave = ended.phase === 'wave' ? view.waves[ended.wave ?? -1] : undefined;
  if (wave !== undefined && view.stop === null && wave.state !== 'failed') wave.state = 'passed';
}

function stop(view: Draft, reason: StopReason): void {
  view.stop ??= reason;
  if (!('wave' in reason)) return;
  setWave(view, reason.wave, reason.kind === 'gate-inconclusive' ? 'inconclusive' : 'failed');
}

function setWave(view: Draft, index: number, state: WaveState, bakeUntil?: number): void {
  const wave = view.waves[index];
  if (wave === undefined) return;
  wave.state = state;
  if (bakeUntil !== undefined) wave.bakeUntil = bakeUntil;
}

function moveHost(view: Draft, event: EventOf<'host-stage'>, at: number): void {
  const before = view.hosts.get(event.host);
  if (before === undefined) put(view, freshHost(event.host, event.wave, 'waiting', at));
  const failure = before?.failure ?? event.failure ?? null;
  // A repeated stage is not a new one: its clock goes on.
  const again = before?.stage === event.stage;
  const since = again ? before.since : at;
  const begun = again ? before.begun : !STAGE_TRAITS[event.stage].queued;
  change(view, event.host, { stage: event.stage, since, begun, note: null, failure });
}

/** The host's turn in this stage has come. */
function beginHost(view: Draft, name: HostName, stage: HostStage | undefined, at: number): void {
  if (stage === undefined || view.hosts.get(name)?.begun === true) return;
  change(view, name, { stage, since: at, begun: true });
}

function freshHost(name: HostName, wave: number | null, stage: HostStage, at: number): HostView {
  return { name, wave, stage, since: at, begun: false, note: null, failure: null };
}

function change(view: Draft, name: HostName, changes: Partial<HostView>): void {
  const before = view.hosts.get(name);
  if (before === undefined) return;
  tally(view, before, -1);
  const after = { ...before, ...changes };
  // A new stage goes to the end, which keeps the longest running first.
  if (after.since !== before.since) view.running.delete(name);
  put(view, after);
}

function put(view: Draft, host: HostView): void {
  view.hosts.set(host.name, host);
  tally(view, host, 1);
  if (isRunning(host)) view.running.set(host.name, host);
  else view.running.delete(host.name);
  if (isFailed(host)) view.failed.set(host.name, host);
  else view.failed.delete(host.name);
}

function tally(view: Draft, host: HostView, by: 1 | -1): void {
  add(view.counts, host.stage, by);
  const wave = view.waves[host.wave ?? -1];
  if (wave !== undefined) add(wave.counts, host.stage, by);
}

function add(counts: Counts, stage: HostStage, by: number): void {
  counts[stage] = (counts[stage] ?? 0) + by;
}

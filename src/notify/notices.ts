import type { EventOf, FleetEvent } from '../events/event.js';
import type { HostName, ReleaseId } from '../model/names.js';
import { whereFlags } from '../model/releases/where.js';
import type { NoticeKind } from '../model/runs/notices.js';
import type { PlanView } from '../model/runs/plan-view.js';
import type { HostResult, RunState, StopReason } from '../model/runs/run.js';
import { MOST_HOSTS, type Notice, type Stop } from './notice.js';

/** How many releases are named as those that the hosts had. */
const MOST_RELEASES = 5;
/** A reason is one line of a message. */
const LONGEST_WHY = 500;

/** What notices need to know of a run so far. */
export interface NoticeState {
  readonly plan: PlanView;
  readonly startedAt: string;
  /** Hosts that failed, with the reason; no more than a message can name. */
  readonly failed: ReadonlyMap<HostName, string>;
  readonly done: number;
  readonly back: number;
  readonly stop: Stop | null;
  readonly ended: boolean;
}

/** One step of the notices of a run: what is known after an event, and what people are told of it. */
export interface NoticeStep {
  readonly state: NoticeState | null;
  readonly notice: Notice | null;
}

/** `state` is null before the run; or {@link begunState} of a run that another process began. */
export function noticeOf(state: NoticeState | null, event: FleetEvent): NoticeStep {
  if (event.type === 'run-started') {
    const begun = begunState(event.plan, event.at);
    return { state: begun, notice: tell(begun, event, { kind: 'start' }) };
  }
  if (event.type === 'approval-asked') {
    return { state, notice: tell(begunState(event.plan, event.at), event, { kind: 'paused' }) };
  }
  if (state === null) return { state, notice: null };
  switch (event.type) {
    case 'host-stage':
      return { state: withStage(state, event), notice: null };
    case 'paused':
      return { state, notice: event.why.kind === 'approval' ? approval(state, event) : null };
    case 'stopped': {
      const stop = stopOf(event.reason);
      const stopped = { ...state, stop };
      const tripped = stop === null ? null : tell(stopped, event, { kind: 'trip' });
      return { state: stopped, notice: tripped };
    }
    case 'run-ended':
      return { state: { ...state, ended: true }, notice: endOf(state, event) };
    default:
      return { state, notice: null };
  }
}

export const begunState = (plan: PlanView, startedAt: string): NoticeState => ({
  plan,
  startedAt,
  failed: new Map(),
  done: 0,
  back: 0,
  stop: null,
  ended: false,
});

/** A run that this process leaves without an end: its hosts settle, and a person has to close it. */
export function leftNotice(
  state: NoticeState,
  { seq, at }: Pick<FleetEvent, 'seq' | 'at'>,
): Notice | null {
  return state.ended ? null : tell(state, { seq: seq + 1, at }, { kind: 'recovery_needed' });
}

function withStage(state: NoticeState, event: EventOf<'host-stage'>): NoticeState {
  const { stage, host, failure } = event;
  const { failed } = state;
  const isNamed = failure !== undefined && (failed.has(host) || failed.size < MOST_HOSTS);
  return {
    ...state,
    failed: isNamed ? new Map([...failed, [host, failure.message]]) : failed,
    done: state.done + (stage === 'done' ? 1 : 0),
    back: state.back + (stage === 'reverted' ? 1 : 0),
  };
}

const approval = (state: NoticeState, event: EventOf<'paused'>): Notice =>
  tell(state, event, { kind: 'paused', wave: event.wave });

/** Nothing for what ends at once anyway: the end says it. */
function stopOf(reason: StopReason): Stop | null {
  switch (reason.kind) {
    case 'interrupted':
    case 'claim-refused':
      return null;
    case 'gate-inconclusive':
      return stopped(reason.kind, reason.wave, reason.missing);
    case 'no-budget':
      return stopped(reason.kind, reason.wave, reason.out);
    case 'fenced':
      return stopped(reason.kind, null, reason.hosts);
    case 'tripped':
    case 'gate-failed':
      return stopped(reason.kind, reason.wave, reason.failed);
    case 'hook-failed':
      return { ...stopped(reason.kind, reason.wave, reason.hosts), hook: reason.hook };
  }
}

const stopped = (why: Stop['why'], wave: number | null, hosts: readonly HostName[]): Stop => ({
  why,
  wave,
  hosts: hosts.slice(0, MOST_HOSTS),
  total: hosts.length,
  hook: null,
});

function endOf(state: NoticeState, event: EventOf<'run-ended'>): Notice {
  const { hosts, state: end } = event;
  const reasons = hosts.flatMap(({ host, state: found, error }): readonly [HostName, string][] =>
    error === undefined || found === 'skipped' ? [] : [[host, error.message]],
  );
  const known = { ...state, failed: new Map(reasons) };
  const durationMs = Date.parse(event.at) - Date.parse(event.startedAt);
  const told = tell(known, event, { kind: kindOf(end), end, durationMs });
  return { ...told, counts: { ...told.counts, ...countsOf(hosts) } };
}

function kindOf(end: RunState): NoticeKind {
  if (end === 'rolled_back') return 'rolled_back';
  return end === 'rollback_incomplete' ? 'recovery_needed' : 'ended';
}

function countsOf(hosts: readonly HostResult[]): Partial<Notice['counts']> {
  const among = (state: HostResult['state']): number =>
    hosts.filter((host) => host.state === state).length;
  return {
    done: among('done'),
    back: among('reverted'),
    skipped: among('skipped'),
    unchanged: among('unchanged'),
  };
}

interface Told {
  readonly kind: NoticeKind;
  readonly wave?: number;
  readonly end?: RunState;
  readonly durationMs?: number;
}

function tell(state: NoticeState, { seq, at }: Pick<FleetEvent, 'seq' | 'at'>, told: Told): Notice {
  const { plan, failed, stop } = state;
  const { kind, wave, end, durationMs } = told;
  const { run, kind: work, app, group, operator, reason, release, waves } = plan;
  return {
    kind,
    run,
    seq,
    at,
    work,
    app,
    group,
    operator,
    reason,
    release: { id: release.id, version: release.version },
    from: releasesBefore(plan),
    counts: {
      hosts: plan.hosts.length,
      done: state.done,
      back: state.back,
      failed: failed.size,
      skipped: plan.skipped.length,
      unchanged: plan.unchanged.length,
    },
    failed: [...failed].slice(0, MOST_HOSTS).map(([host, why]) => ({
      host,
      why: why.slice(0, LONGEST_WHY),
    })),
    wave: wave ?? stop?.wave ?? null,
    waves,
    stop,
    state: end ?? null,
    durationMs: durationMs ?? null,
    next: nextCommand(state, told),
  };
}

/** The releases that the hosts had, the most frequent first. */
function releasesBefore({ hosts }: PlanView): readonly ReleaseId[] {
  const counts = new Map<ReleaseId, number>();
  for (const { from } of hosts) {
    if (from !== null) counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a);
  return most.slice(0, MOST_RELEASES).map(([id]) => id);
}

/** What a person types next; a flag of the command that was typed may be missing, so it only names what it must. */
function nextCommand({ plan }: NoticeState, { kind, wave, end }: Told): string | null {
  const where = whereFlags({ name: plan.app, several: plan.several }, plan.group);
  switch (kind) {
    case 'start':
    case 'trip':
      return `fleet show ${plan.run}`;
    case 'paused':
      return `fleet ${wave === undefined ? 'approve' : 'resume'} ${plan.run}`;
    case 'recovery_needed':
      return end === undefined ? `fleet recover ${where}` : `fleet status ${where}`;
    case 'rolled_back':
    case 'ended':
      return end === 'paused' ? `fleet resume ${plan.run}` : `fleet show ${plan.run}`;
  }
}

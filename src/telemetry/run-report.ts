import type { HostFailure } from '../errors/host-failure.js';
import type { FleetEvent } from '../events/event.js';
import type { HostName, ReleaseId } from '../model/names.js';
import type { PlanView } from '../model/runs/plan-view.js';
import type { HostResult, HostResultState, RunState, StopReason } from '../model/runs/run.js';

/** A host of a run, for reports. */
export interface HostReport {
  readonly host: HostName;
  readonly state: HostResultState;
  /** From 0; null for a host that was in no wave. */
  readonly wave: number | null;
  readonly from: ReleaseId | null;
  readonly to: ReleaseId | null;
  /** From its first step to its last. */
  readonly ms: number;
  readonly failure: HostFailure | null;
}

/** What CI systems and monitoring are told of a run. */
export interface RunReport {
  readonly plan: PlanView;
  /** Null if this process has left the run without an end. */
  readonly state: RunState | null;
  readonly exitCode: number | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly hosts: readonly HostReport[];
  readonly stop: StopReason | null;
  readonly warnings: readonly string[];
}

/** Gathers the report of a run from its events. */
export interface ReportBuilder {
  hear(event: FleetEvent): void;
  /** Null if no run has begun. */
  report(): RunReport | null;
}

/** Of each host no more is kept than the report has. */
export function createReportBuilder(begun: PlanView | null): ReportBuilder {
  let plan = begun;
  let startedAt = begun?.createdAt ?? '';
  let last: FleetEvent | null = null;
  let stop: StopReason | null = null;
  let ended: Extract<FleetEvent, { type: 'run-ended' }> | null = null;
  const warnings: string[] = [];
  const seen = new Map<HostName, Seen>();
  const stages = new Map<HostName, HostResultState>();
  const failures = new Map<HostName, HostFailure>();

  const hear = (event: FleetEvent): void => {
    last = event;
    if (event.type === 'run-started') {
      plan = event.plan;
      startedAt = event.at;
    } else if (event.type === 'stopped') stop = event.reason;
    else if (event.type === 'warning') warnings.push(event.message);
    else if (event.type === 'run-ended') ended = event;
    else if (event.type === 'host-stage') {
      stages.set(event.host, event.stage);
      if (event.failure !== undefined) failures.set(event.host, event.failure);
    }
    if (event.type === 'step-sent' || event.type === 'host-stage') noteSeen(seen, event);
    if (event.type === 'step-ended') noteSeen(seen, event);
  };

  return {
    hear,
    report() {
      if (plan === null || last === null) return null;
      const known = { seen, stages, failures };
      const results = ended === null ? unfinished(plan, known) : ended.hosts;
      return {
        plan,
        state: ended === null ? null : ended.state,
        exitCode: ended === null ? null : ended.exitCode,
        startedAt: ended === null ? startedAt : ended.startedAt,
        endedAt: ended === null ? last.at : ended.at,
        hosts: results.map((result) => hostReport(result, known)),
        stop,
        warnings,
      };
    },
  };
}

/** When the first and the last was heard of a host. */
interface Seen {
  readonly first: string;
  readonly last: string;
}

interface Known {
  readonly seen: ReadonlyMap<HostName, Seen>;
  readonly stages: ReadonlyMap<HostName, HostResultState>;
  readonly failures: ReadonlyMap<HostName, HostFailure>;
}

function noteSeen(
  seen: Map<HostName, Seen>,
  { host, at }: { readonly host: HostName; readonly at: string },
): void {
  seen.set(host, { first: seen.get(host)?.first ?? at, last: at });
}

const unfinished = (plan: PlanView, { stages }: Known): readonly HostResult[] =>
  plan.hosts.map(({ host, wave, from, to }) => ({
    host,
    wave,
    from,
    to,
    state: stages.get(host) ?? 'waiting',
  }));

function hostReport(result: HostResult, { seen, failures }: Known): HostReport {
  const { host, state, wave, from, to, error } = result;
  const times = seen.get(host);
  const ms = times === undefined ? 0 : Date.parse(times.last) - Date.parse(times.first);
  return { host, state, wave, from, to, ms, failure: error ?? failures.get(host) ?? null };
}

/** Whether the run left a host as it was asked to. */
export const isGood = ({ state }: Pick<HostReport, 'state'>): boolean =>
  state === 'done' || state === 'unchanged';

/** A run that met its goal, perhaps without hosts that it had to leave out. */
export const isSuccess = (state: RunState | null): boolean =>
  state === 'succeeded' || state === 'succeeded_partial';

/** How many hosts are in each state. */
export function countStates(hosts: readonly HostReport[]): ReadonlyMap<HostResultState, number> {
  const counts = new Map<HostResultState, number>();
  for (const { state } of hosts) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

import type { HostName } from '../model/names.js';
import {
  endedHost,
  isItsEnd,
  type KeptHost,
  type KeptHosts,
  NO_STAMP,
  plannedHost,
  progressedHost,
  startOutcome,
} from './merge.js';
import type { Stamp } from './stamp.js';
import type {
  HostProgress,
  ReleaseRecord,
  RunEnd,
  RunStart,
  RunSummary,
  StampedEvent,
} from './store.js';
import { storableText, storableTime } from './texts.js';

/** A run as a store without tables keeps it. */
export interface KeptSummary {
  readonly summary: RunSummary;
  readonly startStamp: Stamp;
  readonly endStamp: Stamp;
}

/** A run with the hosts that a write is about. */
export interface KeptRunHosts extends KeptSummary {
  readonly hosts: KeptHosts;
}

/** A run after a start of it: the first one, a repeated one, or that of a resumed run. */
export function startedRun(before: KeptRunHosts | null, given: RunStart): KeptRunHosts {
  const start = storableStart(given);
  const { stamp, startedAt } = start;
  if (before === null) {
    const hosts = plannedHosts(new Map(), start);
    const summary = { ...planOf(start), startedAt, ...NO_END, hostCount: hosts.size };
    return { summary, startStamp: stamp, endStamp: NO_STAMP, hosts };
  }
  const { summary, startStamp, endStamp } = before;
  const outcome = startOutcome({ startStamp, endStamp, startedAt: summary.startedAt }, start);
  const hosts = outcome.hasPlan ? plannedHosts(before.hosts, start) : before.hosts;
  return {
    summary: {
      ...summary,
      ...(outcome.hasPlan ? planOf(start) : {}),
      ...(outcome.opens ? NO_END : {}),
      startedAt: outcome.startedAt,
      hostCount: hosts.size,
    },
    startStamp: outcome.hasPlan ? stamp : startStamp,
    endStamp,
    hosts,
  };
}

const NO_END = { endedAt: null, state: null, exitCode: null } as const;

function plannedHosts(before: KeptHosts, { hosts, startedAt: at }: RunStart): KeptHosts {
  const after = new Map(before);
  for (const [position, planned] of hosts.entries()) {
    after.set(planned.host, plannedHost(before.get(planned.host), planned, { position, at }));
  }
  return after;
}

function planOf({ stamp: _, hosts: __, startedAt: ___, ...plan }: RunStart) {
  return plan;
}

/** The hosts that a progress is about, after it. A host that is not of the run stays out. */
export function progressedHosts(before: KeptHosts, changes: readonly HostProgress[]): KeptHosts {
  const after = new Map(before);
  for (const change of changes) {
    const host = after.get(change.host);
    if (host !== undefined) after.set(change.host, progressedHost(host, storableProgress(change)));
  }
  return after;
}

/** A run after its end; the same one if the end is not its own. */
export function endedRun(before: KeptRunHosts, given: RunEnd): KeptRunHosts {
  const { summary, startStamp, endStamp, hosts } = before;
  const end = { ...given, endedAt: storableTime(given.endedAt) };
  if (!isItsEnd({ startStamp, endStamp, startedAt: summary.startedAt }, end)) return before;
  const { endedAt, state, exitCode, stamp } = end;
  const after = endedHosts(hosts, end);
  return {
    summary: { ...summary, endedAt, state, exitCode, hostCount: after.size },
    startStamp,
    endStamp: stamp,
    hosts: after,
  };
}

function endedHosts(before: KeptHosts, end: RunEnd): KeptHosts {
  const named = new Set<HostName>(end.hosts.map(({ host }) => host));
  const later = [...before.values()].filter(
    ({ host, stamp }) => stamp > end.stamp && !named.has(host),
  );
  const after = new Map<HostName, KeptHost>(later.map((host) => [host.host, host]));
  for (const [position, result] of end.hosts.entries()) {
    const error = result.error === undefined ? {} : { error: storableFailure(result.error) };
    const ended = { ...result, ...error };
    after.set(result.host, endedHost(before.get(result.host), ended, { position, end }));
  }
  return after;
}

/** The release of a deploy, with the run that brought it first. */
export function broughtRelease(before: ReleaseRecord | null, given: RunStart): ReleaseRecord {
  const { run, app, operator, release, startedAt } = storableStart(given);
  if (before === null) {
    return { ...release, app, run, operator, deployedAt: startedAt, succeededAt: null };
  }
  return before.deployedAt > startedAt
    ? { ...before, run, operator, deployedAt: startedAt }
    : before;
}

/** A release to which a run has succeeded. */
export function succeededRelease(before: ReleaseRecord, endedAt: string): ReleaseRecord {
  const isLater = before.succeededAt === null || before.succeededAt < endedAt;
  return isLater ? { ...before, succeededAt: endedAt } : before;
}

export const hasSucceeded = ({ state }: Pick<RunSummary, 'state'>): boolean =>
  state === 'succeeded' || state === 'succeeded_partial';

export const storableEvent = ({ at, type, detail, stamp }: StampedEvent): StampedEvent => ({
  at: storableTime(at),
  type,
  detail: storableText(detail),
  stamp,
});

const storableProgress = (progress: HostProgress): HostProgress => ({
  ...progress,
  error: progress.error === null ? null : storableFailure(progress.error),
});

/** One that is too long loses what it has of stderr and the journal. */
function storableFailure(error: NonNullable<HostProgress['error']>) {
  const whole = JSON.stringify(error);
  if (storableText(whole) === whole) return error;
  const { code, message } = error;
  return { code, message: storableText(message.slice(0, 8192)) };
}

function storableStart(start: RunStart): RunStart {
  const { release, person, reason } = start;
  const { committedAt } = release;
  return {
    ...start,
    group: storableText(start.group),
    operator: storableText(start.operator),
    bastion: storableText(start.bastion),
    person: person === null ? null : storableText(person),
    reason: reason === null ? null : storableText(reason),
    startedAt: storableTime(start.startedAt),
    release: {
      ...release,
      version: storableText(release.version),
      committedAt: committedAt === null ? null : storableTime(committedAt),
    },
  };
}

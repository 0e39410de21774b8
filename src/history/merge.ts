import type { HostFailure } from '../errors/host-failure.js';
import type { HostName, ReleaseId } from '../model/names.js';
import type { HostResult, HostResultState } from '../model/runs/run.js';
import type { Stamp } from './stamp.js';
import type { HostProgress, PlannedHost, RunEnd, RunStart } from './store.js';

/** Outranked by every event: what only the plan has said, and what a fleet without stamps has written. */
export const NO_STAMP: Stamp = '';

/** One host of a run as a store keeps it. */
export interface KeptHost {
  readonly host: HostName;
  /** Its place in the plan. */
  readonly position: number;
  readonly wave: number | null;
  readonly from: ReleaseId | null;
  readonly to: ReleaseId | null;
  readonly state: HostResultState;
  /** When it came to that state. */
  readonly at: string;
  readonly stamp: Stamp;
  readonly error: HostFailure | null;
}

export type KeptHosts = ReadonlyMap<HostName, KeptHost>;

/** A host that is in the plan. Of one that was there before, what became of it stays. */
export function plannedHost(
  before: KeptHost | undefined,
  planned: PlannedHost,
  { position, at }: { readonly position: number; readonly at: string },
): KeptHost {
  const { host, wave, from, to } = planned;
  const place = { host, position, wave, from, to };
  if (before !== undefined) return { ...before, ...place };
  return { ...place, state: 'waiting', at, stamp: NO_STAMP, error: null };
}

/** A host to which something has happened, unless something later is known. */
export function progressedHost(before: KeptHost, progress: HostProgress): KeptHost {
  const { stamp, state, at, error } = progress;
  return stamp > before.stamp ? { ...before, stamp, state, at, error } : before;
}

/** A host at the end of its run. If it was in that state already, it came to it when it did. */
export function endedHost(
  before: KeptHost | undefined,
  result: HostResult,
  { position, end }: { readonly position: number; readonly end: RunEnd },
): KeptHost {
  if (before !== undefined && before.stamp > end.stamp) return { ...before, position };
  const { host, wave, from, to, state, error = null } = result;
  const at = before?.state === state ? before.at : end.endedAt;
  return { host, position, wave, from, to, state, error, at, stamp: end.stamp };
}

/** The stamps and times of a run as a store keeps them. */
export interface KeptRun {
  readonly startStamp: Stamp;
  readonly endStamp: Stamp;
  readonly startedAt: string;
}

/**
 * What a start changes of a run that is there: an earlier one only the time; the same one nothing; a later one has the
 * plan of the run and opens it again.
 */
export function startOutcome(before: KeptRun, start: Pick<RunStart, 'stamp' | 'startedAt'>) {
  const isEarlier = start.startedAt < before.startedAt;
  return {
    startedAt: isEarlier ? start.startedAt : before.startedAt,
    hasPlan: start.stamp >= before.startStamp,
    opens: start.stamp > before.endStamp,
  };
}

/** Whether an end is the run's: it is neither of a controller before the last start, nor older than another end. */
export const isItsEnd = (before: KeptRun, { stamp }: Pick<RunEnd, 'stamp'>): boolean =>
  stamp > before.startStamp && stamp >= before.endStamp;

import { groupBy } from '../../model/text/group-by.js';
import type { RunOutcome } from '../store.js';
import { DEPLOY_ENDS, type DeployEnd, deployEnd, hasSucceeded } from './deploy-end.js';
import { type FailedDeploy, failedDeploys } from './failures.js';
import { median, quantile } from './quantile.js';
import { type Week, weeksOf } from './weeks.js';

/** Fewer values than these have no figure worth a decision. */
export const FEWEST = { deploys: 3, leadTimes: 3, restores: 3, rate: 10, days: 7 } as const;

export interface Period {
  readonly since: Date;
  /** At most now. */
  readonly until: Date;
  /** Whether the history has runs of an app on a group from before the period. */
  readonly isOlder: (app: string, group: string) => boolean;
}

/** The figures of one app on one group. What is null has too little behind it. */
export interface DeployStats {
  readonly app: string;
  readonly group: string;
  /** How many deploys that began in the period came to each end; those rolled back later count as failed. */
  readonly ends: Readonly<Record<DeployEnd, number>>;
  readonly frequency: {
    readonly perWeek: number | null;
    /** Deploys that succeeded, also if they were rolled back later. */
    readonly deploys: number;
    /** From the first record on, if that is later than the beginning of the period. */
    readonly weeks: number;
  };
  readonly leadTime: TimeFigure;
  readonly changeFailRate: {
    /** From 0 to 1. */
    readonly rate: number | null;
    readonly failed: number;
    readonly deploys: number;
    readonly rolledBackLater: number;
  };
  readonly timeToRestore: TimeFigure & { readonly notRestored: number };
  readonly weekly: readonly Week[];
}

export interface TimeFigure {
  readonly medianMs: number | null;
  /** Nine of ten took at most so long. */
  readonly p90Ms: number | null;
  readonly count: number;
}

/**
 * Figures by app and group, in the order of their names. `runs`, oldest first, also has what came some time before and
 * after the period: it tells which deploys of the period were rolled back, and which commits were new.
 */
export function deployStats(runs: readonly RunOutcome[], period: Period): readonly DeployStats[] {
  return groupBy(runs, ({ app, group }) => JSON.stringify([app, group]))
    .map((ofOne) => statsOf(ofOne, period))
    .filter((stats) => DEPLOY_ENDS.some((end) => stats.ends[end] > 0))
    .toSorted((one, other) => compare(one.app, other.app) || compare(one.group, other.group));
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function statsOf(runs: readonly [RunOutcome, ...RunOutcome[]], period: Period): DeployStats {
  const [{ app, group, startedAt: firstAt }] = runs;
  const isIn = isInPeriod(period);
  const deploys = runs.filter((run) => run.kind === 'deploy' && isIn(run));
  const failed = failedDeploys(runs).filter(({ run }) => isIn(run));
  const later = new Set(failed.flatMap(({ run, later: was }) => (was ? [run.run] : [])));
  const ended = deploys.map((run) => {
    const end = later.has(run.run) ? 'failed' : deployEnd(run);
    return { startedAt: run.startedAt, end };
  });
  // Before the first record, no deploy could be counted.
  const firstMs = period.isOlder(app, group) ? 0 : Date.parse(firstAt);
  const counted = {
    since: new Date(Math.max(period.since.getTime(), firstMs)),
    until: period.until,
  };
  return {
    ...{ app, group },
    ends: countEnds(ended.map(({ end }) => end)),
    frequency: frequencyOf(deploys, counted),
    leadTime: timeFigure(leadTimes(runs, isIn), FEWEST.leadTimes),
    changeFailRate: failRateOf(deploys, failed),
    timeToRestore: restoreOf(failed),
    weekly: weeksOf(ended, counted),
  };
}

type Span = Pick<Period, 'since' | 'until'>;

const isInPeriod = ({ since, until }: Span) => {
  const [first, end] = [since.toISOString(), until.toISOString()];
  return ({ startedAt }: RunOutcome): boolean => startedAt >= first && startedAt < end;
};

function countEnds(ends: readonly DeployEnd[]): DeployStats['ends'] {
  const count = (end: DeployEnd): number => ends.filter((each) => each === end).length;
  return {
    succeeded: count('succeeded'),
    failed: count('failed'),
    canary: count('canary'),
    untouched: count('untouched'),
    stopped: count('stopped'),
    open: count('open'),
  };
}

const DAY_MS = 86_400_000;

function frequencyOf(
  deploys: readonly RunOutcome[],
  { since, until }: Span,
): DeployStats['frequency'] {
  const count = deploys.filter(hasSucceeded).length;
  const days = Math.max(0, until.getTime() - since.getTime()) / DAY_MS;
  const weeks = days / 7;
  const isEnough = days >= FEWEST.days && count >= FEWEST.deploys;
  return { perWeek: isEnough ? count / weeks : null, deploys: count, weeks };
}

/** From each commit to the end of the first deploy that brought it everywhere. Clocks that disagree give none. */
function leadTimes(
  runs: readonly RunOutcome[],
  isIn: (run: RunOutcome) => boolean,
): readonly number[] {
  const known = new Set<string>();
  return runs.flatMap((run) => {
    const { release, endedAt } = run;
    if (run.kind !== 'deploy' || !hasSucceeded(run) || endedAt === null) return [];
    const commit = release.commit ?? release.id;
    if (release.committedAt === null || known.has(commit)) return [];
    known.add(commit);
    const ms = Date.parse(endedAt) - Date.parse(release.committedAt);
    return isIn(run) && ms >= 0 ? [ms] : [];
  });
}

function timeFigure(values: readonly number[], fewest: number): TimeFigure {
  const isEnough = values.length >= fewest;
  return {
    medianMs: isEnough ? median(values) : null,
    p90Ms: isEnough ? quantile(values, 0.9) : null,
    count: values.length,
  };
}

/** Canary trips are in neither number: the release was stopped where it was to be stopped. */
function failRateOf(
  deploys: readonly RunOutcome[],
  failed: readonly FailedDeploy[],
): DeployStats['changeFailRate'] {
  const inRun = failed.filter(({ later }) => !later).length;
  const all = deploys.filter(hasSucceeded).length + inRun;
  return {
    rate: all >= FEWEST.rate ? failed.length / all : null,
    failed: failed.length,
    deploys: all,
    rolledBackLater: failed.length - inRun,
  };
}

function restoreOf(failed: readonly FailedDeploy[]): DeployStats['timeToRestore'] {
  const times = failed.flatMap(({ restoreMs }) => (restoreMs === null ? [] : [restoreMs]));
  return {
    ...timeFigure(times, FEWEST.restores),
    notRestored: failed.length - times.length,
  };
}

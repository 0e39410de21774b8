import { isRunId } from '../../model/names.js';
import {
  byRunDown,
  byStart,
  hostResults,
  isAskedFor,
  isInPeriod,
  outcomesOf,
  releasesAt,
  timeline,
} from '../kept-questions.js';
import { MATCHES_NAMED, unknownRun } from '../run-reference.js';
import type {
  HostAt,
  HostRelease,
  RunDetails,
  RunFilter,
  RunOutcome,
  RunPeriod,
  RunSummary,
} from '../store.js';
import { dayOf, daysIn, hostNamed, type LoggedRun, namesIn, runsOfDay } from './days.js';

export interface LogFolders {
  readonly runs: string;
  /** An empty file for each run without an end. */
  readonly open: string;
  readonly shared: string;
}

/** How long before its start a run may get its id: as long as its plan is looked at. */
const LONGEST_LOOK_MS = 7 * 24 * 3600 * 1000;

export function listRuns(folders: LogFolders, filter: RunFilter): readonly RunSummary[] {
  const { limit, before, host } = filter;
  const found: RunSummary[] = [];
  for (const day of daysIn(folders.runs)) {
    if (found.length >= limit || isTooOld(day, filter)) break;
    if (before !== undefined && day > dayOf(before)) continue;
    const runs = newestFirst(folders, day)
      .filter((run) => host === undefined || hostNamed(run, host) !== undefined)
      .map(({ kept }) => kept.summary);
    found.push(...runs.filter((run) => isAskedFor(run, filter)));
  }
  return found.toSorted(byRunDown).slice(0, limit);
}

function isTooOld(day: string, { since }: RunPeriod): boolean {
  if (since === undefined || !/^\d/.test(day)) return false;
  const first = new Date(since.getTime() - LONGEST_LOOK_MS).toISOString();
  return day < first.slice(0, 10).replaceAll('-', '');
}

const newestFirst = ({ runs }: LogFolders, day: string): readonly LoggedRun[] =>
  [...runsOfDay(runs, day).values()].toSorted((one, other) =>
    byRunDown(one.kept.summary, other.kept.summary),
  );

export function getRun({ runs }: LogFolders, reference: string): RunDetails {
  const whole =
    reference === '' ? undefined : runsOfDay(runs, dayOf(reference), reference).get(reference);
  const found = whole === undefined ? beginningWith(runs, reference) : [whole];
  const [only, ...others] = found;
  if (only === undefined || others.length > 0) {
    throw unknownRun(
      reference,
      found.map(({ kept }) => kept.summary.run),
    );
  }
  const { kept, events } = only;
  return {
    ...kept.summary,
    hosts: hostResults(kept.hosts.values()),
    events: timeline(events.values()),
  };
}

function beginningWith(folder: string, reference: string): readonly LoggedRun[] {
  if (reference === '') return [];
  const found: LoggedRun[] = [];
  for (const day of daysIn(folder)) {
    if (!mayHave(day, reference)) continue;
    const runs = newestFirst({ runs: folder, open: '', shared: '' }, day);
    found.push(...runs.filter(({ kept }) => kept.summary.run.startsWith(reference)));
    if (found.length >= MATCHES_NAMED) break;
  }
  return found.slice(0, MATCHES_NAMED);
}

const mayHave = (day: string, reference: string): boolean =>
  !/^\d/.test(day) || day.startsWith(reference.slice(0, day.length));

export function releaseAt({ runs }: LogFolders, question: HostAt): readonly HostRelease[] {
  const all = daysIn(runs).flatMap((day) => [...runsOfDay(runs, day).values()]);
  const found = all.flatMap((run) => {
    const kept = hostNamed(run, question.host);
    return kept === undefined ? [] : [{ run: run.kept.summary, kept }];
  });
  return releasesAt(found, question);
}

/** Oldest start first. */
export async function* runsBetween(
  { runs }: LogFolders,
  period: RunPeriod,
): AsyncGenerator<RunOutcome> {
  const days = daysIn(runs).filter((day) => !isTooOld(day, period));
  const found = days
    .flatMap((day) => [...runsOfDay(runs, day).values()])
    .filter(({ kept }) => isInPeriod(kept.summary, period))
    .map(({ kept }) => ({ ...kept.summary, outcomes: outcomesOf(kept.hosts.values()) }));
  yield* found.toSorted(byStart);
}

export function listOpenRuns(
  { runs, open }: LogFolders,
  { app, group }: { readonly app?: string; readonly group?: string },
): readonly RunSummary[] {
  const period = { ...(app === undefined ? {} : { apps: [app] }), group };
  return namesIn(open)
    .filter(isRunId)
    .flatMap((run) => runsOfDay(runs, dayOf(run), run).get(run)?.kept.summary ?? [])
    .filter((run) => run.endedAt === null && isInPeriod(run, period))
    .toSorted(byRunDown);
}

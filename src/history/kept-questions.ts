import type { HostName } from '../model/names.js';
import type { HostResult } from '../model/runs/run.js';
import { groupBy } from '../model/text/group-by.js';
import { standingOf } from './host-standing.js';
import type { KeptHost } from './merge.js';
import type {
  HostAt,
  HostRelease,
  HostsOutcome,
  ReleaseRecord,
  RunEvent,
  RunFilter,
  RunPeriod,
  RunSummary,
  StampedEvent,
} from './store.js';

/** What is asked of the history, answered from runs that were read: for stores that have no query language. */

/** Whether a run is one of those asked for, but for `host`, which only the hosts of a run know. */
export function isAskedFor(run: RunSummary, filter: Omit<RunFilter, 'limit'>): boolean {
  const { operator, state, release, kind, before } = filter;
  return (
    isInPeriod(run, filter) &&
    (operator === undefined ||
      run.operator === operator ||
      run.operator.startsWith(`${operator}@`)) &&
    (state === undefined || (state === 'open' ? run.endedAt === null : run.state === state)) &&
    (release === undefined || isRelease(run, release)) &&
    (kind === undefined || run.kind === kind) &&
    (before === undefined || run.run < before)
  );
}

export function isInPeriod(run: RunSummary, { apps, group, since, until }: RunPeriod): boolean {
  return (
    (apps === undefined || apps.includes(run.app)) &&
    (group === undefined || run.group === group) &&
    (since === undefined || run.startedAt >= since.toISOString()) &&
    (until === undefined || run.startedAt < until.toISOString())
  );
}

function isRelease({ release }: RunSummary, asked: string): boolean {
  return (
    release.version === asked ||
    release.id.startsWith(asked) ||
    release.commit?.startsWith(asked) === true
  );
}

/** Newest first: a run's id begins with its time. */
export const byRunDown = (
  one: { readonly run: string },
  other: { readonly run: string },
): number => (one.run < other.run ? 1 : one.run > other.run ? -1 : 0);

/** Newest first. */
export const byDeployDown = (one: ReleaseRecord, other: ReleaseRecord): number =>
  -(compare(one.deployedAt, other.deployedAt) || compare(one.id, other.id));

/** Oldest start first. */
export const byStart = (one: RunSummary, other: RunSummary): number =>
  compare(one.startedAt, other.startedAt) || compare(one.run, other.run);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** In the order of the plan. */
export const hostResults = (hosts: Iterable<KeptHost>): readonly HostResult[] =>
  [...hosts]
    .toSorted((one, other) => one.position - other.position)
    .map(({ host, state, wave, from, to, error }) => ({
      host,
      state,
      wave,
      from,
      to,
      ...(error === null ? {} : { error }),
    }));

export const timeline = (events: Iterable<StampedEvent>): readonly RunEvent[] =>
  [...events]
    .toSorted((one, other) => compare(one.stamp, other.stamp))
    .map(({ at, type, detail }) => ({ at, type, detail }));

/** How many hosts of a run came to which state, and when. */
export function outcomesOf(hosts: Iterable<KeptHost>): readonly HostsOutcome[] {
  const groups = groupBy([...hosts], ({ wave, state }) => `${wave} ${state}`);
  return groups
    .map(([first, ...others]) => {
      const sorted = [first, ...others].map(({ at }) => at).toSorted(compare);
      const [firstAt, lastAt] = [sorted[0] ?? first.at, sorted.at(-1) ?? first.at];
      return { wave: first.wave, state: first.state, hosts: sorted.length, firstAt, lastAt };
    })
    .toSorted(
      (one, other) => (one.wave ?? -1) - (other.wave ?? -1) || compare(one.state, other.state),
    );
}

/** A host in one of its runs. */
export interface HostInRun {
  readonly run: RunSummary;
  readonly kept: KeptHost;
}

/** Which release a host was on, for each app, from all runs that had it. */
export function releasesAt(found: readonly HostInRun[], question: HostAt): readonly HostRelease[] {
  const until = question.at.toISOString();
  const then = found
    .filter(({ kept }) => kept.at <= until && kept.state !== 'skipped')
    .filter(({ run }) => question.app === undefined || run.app === question.app)
    .toSorted(
      (one, other) => -(compare(one.kept.at, other.kept.at) || compare(one.run.run, other.run.run)),
    );
  return groupBy(then, ({ run }) => run.app)
    .map((runs) => {
      const [newest] = runs;
      const { release, ...standing } = standingOf({ ...newest.kept, run: newest.run.run });
      const by = runs.find(({ kept }) => kept.to === release && kept.state === 'done');
      const brought = release === null || by === undefined ? null : { run: by.run, at: by.kept.at };
      return { app: newest.run.app, release, ...standing, brought };
    })
    .toSorted((one, other) => compare(one.app, other.app));
}

export const hostsByName = (hosts: readonly KeptHost[]): ReadonlyMap<HostName, KeptHost> =>
  new Map(hosts.map((each) => [each.host, each]));

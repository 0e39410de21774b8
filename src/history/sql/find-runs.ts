import { type ExpressionBuilder, type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { compactTime } from '../../model/text/compact-time.js';
import { endOfPrefix, MATCHES_NAMED, unknownRun } from '../run-reference.js';
import type { RunDetails, RunFilter, RunPeriod, RunSummary } from '../store.js';
import { eventOf, hostOf, runOf } from './rows.js';
import type { HistoryTables } from './tables.js';

type Db = Kysely<HistoryTables>;
export type RunQuery<Output> = SelectQueryBuilder<HistoryTables, 'runs', Output>;
type OfRun = ExpressionBuilder<HistoryTables, 'runs'>;

export async function selectRuns(db: Db, filter: RunFilter): Promise<readonly RunSummary[]> {
  const { operator, state, release, kind, before, limit } = filter;
  let query = inPeriod(ofHost(db, filter.host), filter);
  if (operator !== undefined) query = query.where((run) => isOperator(run, operator));
  if (state === 'open') query = query.where('runs.ended_at', 'is', null);
  else if (state !== undefined) query = query.where('runs.state', '=', state);
  if (release !== undefined) query = query.where((run) => isRelease(run, release));
  if (kind !== undefined) query = query.where('runs.kind', '=', kind);
  if (before !== undefined) query = query.where('runs.run', '<', before);
  // A run's id begins with its time.
  return (await query.orderBy('runs.run', 'desc').limit(limit).execute()).map(runOf);
}

/** All runs, or those of a host: which these are is found out first, since most hosts have few. */
function ofHost(db: Db, host: string | undefined) {
  const runs = db.selectFrom('runs').selectAll('runs');
  if (host === undefined) return runs;
  const its = db.selectFrom('run_hosts').select('run_hosts.run').where('run_hosts.host', '=', host);
  return runs.where('runs.run', 'in', its);
}

export function inPeriod<Output>(
  query: RunQuery<Output>,
  { apps, group, since, until }: RunPeriod,
): RunQuery<Output> {
  let narrowed = query;
  if (apps?.length === 0) narrowed = narrowed.where(sql<boolean>`1 = 0`);
  else if (apps !== undefined) narrowed = narrowed.where('runs.app', 'in', apps);
  if (group !== undefined) narrowed = narrowed.where('runs.group_name', '=', group);
  if (since !== undefined) narrowed = narrowed.where('runs.started_at', '>=', since.toISOString());
  if (until === undefined) return narrowed;
  // A run has its id, which begins with the time, before it starts: later ones need not be read.
  const next = compactTime(new Date(until.getTime() + 1000));
  return narrowed
    .where('runs.started_at', '<', until.toISOString())
    .where('runs.run', '<', endOfPrefix(next));
}

export async function selectRun(db: Db, reference: string): Promise<RunDetails> {
  const runs = db.selectFrom('runs').selectAll();
  const whole = await runs.where('run', '=', reference).execute();
  const found = whole.length > 0 || reference === '' ? whole : await beginningWith(db, reference);
  const [row] = found;
  if (row === undefined || found.length > 1) {
    throw unknownRun(
      reference,
      found.map(({ run }) => run),
    );
  }
  const hosts = db.selectFrom('run_hosts').selectAll().where('run', '=', row.run);
  const events = db.selectFrom('run_events').selectAll().where('run', '=', row.run);
  return {
    ...runOf(row),
    hosts: (await hosts.orderBy('position').execute()).map(hostOf),
    // Rows without a stamp come first, as an older fleet has numbered them.
    events: (await events.execute()).toSorted(byStamp).map(eventOf),
  };
}

const byStamp = (
  { stamp: one }: { readonly stamp: string | null },
  { stamp: other }: { readonly stamp: string | null },
): number => {
  const [left, right] = [one ?? '', other ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** By range, not LIKE, so that `%` and `_` are literal. */
function beginningWith(db: Db, text: string) {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('run', '>=', text)
    .where('run', '<', endOfPrefix(text))
    .orderBy('run', 'desc')
    .limit(MATCHES_NAMED)
    .execute();
}

function isOperator(run: OfRun, operator: string) {
  const user = `${operator}@`;
  return run.or([
    run('operator', '=', operator),
    run.and([run('operator', '>=', user), run('operator', '<', endOfPrefix(user))]),
  ]);
}

function isRelease(run: OfRun, release: string) {
  return run.or([
    run('version', '=', release),
    run.and([run('release_id', '>=', release), run('release_id', '<', endOfPrefix(release))]),
    run.and([run('commit_id', '>=', release), run('commit_id', '<', endOfPrefix(release))]),
  ]);
}

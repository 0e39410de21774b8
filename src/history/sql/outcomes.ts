import { type Kysely, sql } from 'kysely';
import type { HostsOutcome, RunOutcome, RunPeriod } from '../store.js';
import { inPeriod } from './find-runs.js';
import { outcomeOf, runOf } from './rows.js';
import type { HistoryTables } from './tables.js';

type Db = Kysely<HistoryTables>;

const RUNS_AT_ONCE = 500;

/** Where a page of runs ends. */
interface Place {
  readonly startedAt: string;
  readonly run: string;
}

/** Runs of a period, oldest first, a page at a time. */
export async function* outcomesIn(
  period: RunPeriod,
  read: <T>(work: (db: Db) => Promise<T>) => Promise<T>,
): AsyncGenerator<RunOutcome> {
  let after: Place | null = null;
  for (;;) {
    const place: Place | null = after;
    const page: readonly RunOutcome[] = await read((db) => selectPage(db, period, place));
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < RUNS_AT_ONCE) return;
    after = last;
  }
}

async function selectPage(
  db: Db,
  period: RunPeriod,
  after: Place | null,
): Promise<readonly RunOutcome[]> {
  let query = inPeriod(db.selectFrom('runs').selectAll('runs'), period);
  if (after !== null) {
    query = query.where((run) =>
      run.or([
        run('started_at', '>', after.startedAt),
        run.and([run('started_at', '=', after.startedAt), run('run', '>', after.run)]),
      ]),
    );
  }
  const rows = await query.orderBy('started_at').orderBy('run').limit(RUNS_AT_ONCE).execute();
  const runs = rows.map(runOf);
  const outcomes = await selectOutcomes(
    db,
    runs.map(({ run }) => run),
  );
  return runs.map((run): RunOutcome => ({ ...run, outcomes: outcomes.get(run.run) ?? [] }));
}

async function selectOutcomes(
  db: Db,
  runs: readonly string[],
): Promise<ReadonlyMap<string, readonly HostsOutcome[]>> {
  const found = new Map<string, HostsOutcome[]>();
  if (runs.length === 0) return found;
  const rows = await db
    .selectFrom('run_hosts')
    .select(['run', 'wave', 'state'])
    .select([
      sql`count(*)`.as('hosts'),
      sql`min(updated_at)`.as('first_at'),
      sql`max(updated_at)`.as('last_at'),
    ])
    .where('run', 'in', runs)
    .groupBy(['run', 'wave', 'state'])
    .execute();
  for (const { run, ...outcome } of rows.map(outcomeOf)) {
    const known = found.get(run);
    if (known === undefined) found.set(run, [outcome]);
    else known.push(outcome);
  }
  for (const outcomes of found.values()) outcomes.sort(byWave);
  return found;
}

const byWave = (one: HostsOutcome, other: HostsOutcome): number =>
  (one.wave ?? -1) - (other.wave ?? -1) || (one.state < other.state ? -1 : 1);

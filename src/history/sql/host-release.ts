import type { Kysely } from 'kysely';
import { asRunId, type ReleaseId } from '../../model/names.js';
import { standingOf } from '../host-standing.js';
import type { HostAt, HostRelease } from '../store.js';
import { keptHostOf, runOf } from './rows.js';
import type { HistoryTables } from './tables.js';

type Db = Kysely<HistoryTables>;

export async function selectReleases(db: Db, question: HostAt): Promise<readonly HostRelease[]> {
  const found: HostRelease[] = [];
  for (const app of question.app === undefined ? await appsOf(db, question) : [question.app]) {
    const newest = await ofHost(db, { ...question, app })
      .limit(1)
      .executeTakeFirst();
    if (newest === undefined) continue;
    const { release, sure, seen } = standingOf({ ...keptHostOf(newest), run: asRunId(newest.run) });
    const brought = release === null ? null : await bringerOf(db, { ...question, app, release });
    found.push({ app, release, sure, seen, brought });
  }
  return found;
}

async function appsOf(db: Db, { host, at }: HostAt): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('run_hosts')
    .innerJoin('runs', 'runs.run', 'run_hosts.run')
    .select('runs.app')
    .distinct()
    .where('run_hosts.host', '=', host)
    .where('run_hosts.updated_at', '<=', at.toISOString())
    .where('run_hosts.state', '!=', 'skipped')
    .execute();
  return rows.map(({ app }) => app).toSorted();
}

/** The runs of an app that had a host by then, newest first. */
function ofHost(db: Db, { host, at, app }: HostAt & { readonly app: string }) {
  return db
    .selectFrom('run_hosts')
    .innerJoin('runs', 'runs.run', 'run_hosts.run')
    .selectAll('run_hosts')
    .where('run_hosts.host', '=', host)
    .where('run_hosts.updated_at', '<=', at.toISOString())
    .where('run_hosts.state', '!=', 'skipped')
    .where('runs.app', '=', app)
    .orderBy('run_hosts.updated_at', 'desc')
    .orderBy('run_hosts.run', 'desc');
}

async function bringerOf(
  db: Db,
  question: HostAt & { readonly app: string; readonly release: ReleaseId },
): Promise<HostRelease['brought']> {
  const row = await ofHost(db, question)
    .where('run_hosts.to_release', '=', question.release)
    .where('run_hosts.state', '=', 'done')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const run = await db.selectFrom('runs').selectAll().where('run', '=', row.run).executeTakeFirst();
  return run === undefined ? null : { run: runOf(run), at: row.updated_at };
}

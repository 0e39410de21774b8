import type { Kysely, Transaction } from 'kysely';
import { FleetError } from '../errors/fleet-error.js';
import type { RunId } from '../model/names.js';
import type { HostResult } from '../model/runs/run.js';
import { hostOf, releaseRecordOf, runOf } from './rows.js';
import type {
  HistoryStore,
  HostProgress,
  RunDetails,
  RunEnd,
  RunFilter,
  RunProgress,
  RunStart,
} from './store.js';
import type { HistoryTables, RunHostRow } from './tables.js';

type Db = Kysely<HistoryTables>;
type Trx = Transaction<HistoryTables>;

/** Rows per INSERT; databases limit the values of one statement. */
const ROWS_AT_ONCE = 500;

/**
 * The history in any SQL database that kysely supports. `attempt` runs a piece of work: an adapter uses it to retry while
 * another process writes, and to name errors.
 */
export function createSqlStore(
  db: Db,
  attempt: <T>(work: () => Promise<T>) => Promise<T>,
): HistoryStore {
  const write = (work: (trx: Trx) => Promise<void>) =>
    attempt(() => db.transaction().execute(work));
  return {
    recordStart: (run) => write((trx) => insertRun(trx, run)),
    recordProgress: (run, progress) => write((trx) => noteProgress(trx, run, progress)),
    recordEnd: (run, end) => write((trx) => endRun(trx, run, end)),
    listRuns: (filter) => attempt(() => selectRuns(db, filter)),
    getRun: (reference) => attempt(() => selectRun(db, reference)),
    listReleases: (app) =>
      attempt(async () => {
        const rows = db.selectFrom('releases').selectAll().where('app', '=', app);
        const sorted = rows.orderBy('deployed_at', 'desc').orderBy('id', 'desc');
        return (await sorted.execute()).map(releaseRecordOf);
      }),
    close: () => db.destroy(),
  };
}

async function insertRun(trx: Trx, start: RunStart): Promise<void> {
  const { run, release, startedAt } = start;
  await trx.deleteFrom('runs').where('run', '=', run).execute();
  await trx.deleteFrom('run_events').where('run', '=', run).execute();
  await trx
    .insertInto('runs')
    .values({
      run,
      kind: start.kind,
      app: start.app,
      group_name: start.group,
      operator: start.operator,
      release_id: release.id,
      version: release.version,
      commit_id: release.commit,
      digest: release.digest,
      started_at: startedAt,
      host_count: start.hosts.length,
      reason: start.reason,
    })
    .execute();
  const results = start.hosts.map((host) => ({ ...host, state: 'waiting' as const }));
  await replaceHosts(trx, { run, at: startedAt, hosts: results });
  if (start.kind === 'deploy') await noteRelease(trx, start);
}

/** A release keeps the run that brought it first. */
async function noteRelease(trx: Trx, start: RunStart): Promise<void> {
  const { app, release } = start;
  const known = trx.selectFrom('releases').select('id');
  const there = await known.where('app', '=', app).where('id', '=', release.id).executeTakeFirst();
  if (there !== undefined) return;
  await trx
    .insertInto('releases')
    .values({
      app,
      id: release.id,
      version: release.version,
      commit_id: release.commit,
      digest: release.digest,
      run: start.run,
      operator: start.operator,
      deployed_at: start.startedAt,
    })
    .execute();
}

async function replaceHosts(
  trx: Trx,
  rows: { readonly run: RunId; readonly at: string; readonly hosts: readonly HostResult[] },
): Promise<void> {
  const { run, at, hosts } = rows;
  await trx.deleteFrom('run_hosts').where('run', '=', run).execute();
  const values = hosts.map((host, position): RunHostRow => {
    const error = host.error === undefined ? null : JSON.stringify(host.error);
    const { wave, state, from: from_release, to: to_release } = host;
    const moved = { wave, from_release, to_release, state, error };
    return { run, host: host.host, position, ...moved, updated_at: at };
  });
  for (let at = 0; at < values.length; at += ROWS_AT_ONCE) {
    const some = values.slice(at, at + ROWS_AT_ONCE);
    await trx.insertInto('run_hosts').values(some).execute();
  }
}

async function noteProgress(trx: Trx, run: RunId, progress: RunProgress): Promise<void> {
  for (const { state, at, error, names } of alike(progress.hosts)) {
    for (let first = 0; first < names.length; first += ROWS_AT_ONCE) {
      await trx
        .updateTable('run_hosts')
        .set({ state, updated_at: at, error })
        .where('run', '=', run)
        .where('host', 'in', names.slice(first, first + ROWS_AT_ONCE))
        .execute();
    }
  }
  const events = progress.events.map(({ at, type, detail }) => ({ run, at, type, detail }));
  for (let first = 0; first < events.length; first += ROWS_AT_ONCE) {
    const some = events.slice(first, first + ROWS_AT_ONCE);
    await trx.insertInto('run_events').values(some).execute();
  }
}

interface Alike extends Pick<RunHostRow, 'state' | 'error'> {
  /** When the last of them reached it. */
  at: string;
  readonly names: string[];
}

/** Hosts in the same state are one statement. For one host the last state counts. */
function alike(hosts: readonly HostProgress[]): Iterable<Alike> {
  const last = new Map(hosts.map((host) => [host.host, host]));
  const groups = new Map<string, Alike>();
  for (const { host, state, at, error: failure } of last.values()) {
    const error = failure === null ? null : JSON.stringify(failure);
    const key = `${state} ${error}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { state, error, at, names: [host] });
    else {
      group.at = at;
      group.names.push(host);
    }
  }
  return groups.values();
}

async function endRun(trx: Trx, run: RunId, end: RunEnd): Promise<void> {
  const { endedAt, state, exitCode, hosts } = end;
  await trx
    .updateTable('runs')
    .set({ ended_at: endedAt, state, exit_code: exitCode, host_count: hosts.length })
    .where('run', '=', run)
    .execute();
  await replaceHosts(trx, { run, at: endedAt, hosts });
  if (state !== 'succeeded' && state !== 'succeeded_partial') return;
  const ended = trx.selectFrom('runs').where('run', '=', run);
  await trx
    .updateTable('releases')
    .set({ succeeded_at: endedAt })
    .where('app', 'in', ended.select('app'))
    .where('id', 'in', ended.select('release_id'))
    .execute();
}

async function selectRuns(db: Db, filter: RunFilter) {
  let query = db.selectFrom('runs').selectAll();
  if (filter.app !== undefined) query = query.where('app', '=', filter.app);
  if (filter.group !== undefined) query = query.where('group_name', '=', filter.group);
  if (filter.before !== undefined) query = query.where('run', '<', filter.before);
  // A run's id begins with its time.
  return (await query.orderBy('run', 'desc').limit(filter.limit).execute()).map(runOf);
}

async function selectRun(db: Db, reference: string): Promise<RunDetails> {
  const runs = db.selectFrom('runs').selectAll();
  const whole = await runs.where('run', '=', reference).execute();
  const found = whole.length > 0 || reference === '' ? whole : await beginningWith(db, reference);
  const [row] = found;
  if (row === undefined || found.length > 1) throw unknownRun(reference, found);
  const hosts = db.selectFrom('run_hosts').selectAll().where('run', '=', row.run);
  const events = db.selectFrom('run_events').selectAll().where('run', '=', row.run);
  return {
    ...runOf(row),
    hosts: (await hosts.orderBy('position').execute()).map(hostOf),
    events: (await events.orderBy('id').execute()).map(({ at, type, detail }) => ({
      at,
      type,
      detail,
    })),
  };
}

/** By range, not LIKE, so that `%` and `_` are literal. A run's id is ASCII. */
function beginningWith(db: Db, text: string) {
  const runs = db.selectFrom('runs').selectAll().where('run', '>=', text);
  return runs.where('run', '<', `${text}\u{10ffff}`).orderBy('run', 'desc').limit(10).execute();
}

function unknownRun(reference: string, found: readonly { readonly run: string }[]): FleetError {
  const called = JSON.stringify(reference);
  if (found.length === 0) {
    return new FleetError('run_unknown', `the history has no run ${called}`, {
      hint: 'fleet history lists the runs.',
    });
  }
  return new FleetError('run_unknown', `${called} matches several runs`, {
    hint: 'Type more of it.',
    problems: found.map(({ run }) => ({ message: run })),
  });
}

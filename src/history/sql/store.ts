import type { Kysely } from 'kysely';
import type { HistoryStore } from '../store.js';
import { selectDocuments, writeDocument } from './documents.js';
import { inPeriod, selectRun, selectRuns } from './find-runs.js';
import type { SqlFlavour } from './flavour.js';
import { selectReleases } from './host-release.js';
import { outcomesIn } from './outcomes.js';
import { releaseRecordOf, runOf } from './rows.js';
import type { HistoryTables } from './tables.js';
import { type Writing, writeEnd, writeProgress, writeStart } from './write.js';

type Db = Kysely<HistoryTables>;

/** A database with the schema of the history. */
export interface HistoryDatabase {
  readonly db: Db;
  readonly flavour: SqlFlavour;
  /** Does a piece of work, again where another process was in the way or the connection is lost, and names errors. */
  readonly attempt: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The history in an SQL database. */
export function createSqlStore({ db, flavour, attempt }: HistoryDatabase): HistoryStore {
  const write = (work: (writing: Writing) => Promise<void>) =>
    attempt(() => db.transaction().execute((trx) => work({ trx, flavour })));
  const read = <T>(work: (from: Db) => Promise<T>) => attempt(() => work(db));
  return {
    recordStart: (run) => write((writing) => writeStart(writing, run)),
    recordProgress: (run, progress) => write((writing) => writeProgress(writing, run, progress)),
    recordEnd: (run, end) => write((writing) => writeEnd(writing, run, end)),
    listRuns: (filter) => read((from) => selectRuns(from, filter)),
    getRun: (reference) => read((from) => selectRun(from, reference)),
    listReleases: (app) => read((from) => selectAppReleases(from, app)),
    releaseAt: (question) => read((from) => selectReleases(from, question)),
    runsBetween: (period) => outcomesIn(period, read),
    listOpenRuns: (filter) => read((from) => selectOpenRuns(from, filter)),
    putShared: (run, document) => write(({ trx }) => writeDocument(trx, run, document)),
    getShared: (run) => read((from) => selectDocuments(from, run)),
    removeShared: (run) =>
      write(async ({ trx }) => {
        await trx.deleteFrom('run_documents').where('run', '=', run).execute();
      }),
    close: () => db.destroy(),
  };
}

async function selectAppReleases(db: Db, app: string) {
  const rows = db.selectFrom('releases').selectAll().where('app', '=', app);
  const sorted = rows.orderBy('deployed_at', 'desc').orderBy('id', 'desc');
  return (await sorted.execute()).map(releaseRecordOf);
}

async function selectOpenRuns(db: Db, { app, group }: Parameters<HistoryStore['listOpenRuns']>[0]) {
  const open = db.selectFrom('runs').selectAll('runs').where('ended_at', 'is', null);
  const chosen = inPeriod(open, { ...(app === undefined ? {} : { apps: [app] }), group });
  return (await chosen.orderBy('run', 'desc').execute()).map(runOf);
}

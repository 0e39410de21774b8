import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely } from 'kysely';
import Database from 'libsql';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import { makeFolder, shareFile } from '../../files/shared-folder.js';
import { isMigrated, migrate } from '../sql/migrate.js';
import { createSqlStore } from '../sql/store.js';
import type { HistoryTables } from '../sql/tables.js';
import type { HistoryDeps, HistoryStore } from '../store.js';
import { libsqlDialect } from './dialect.js';
import { sqliteFlavour } from './flavour.js';

/**
 * How long SQLite itself waits for another process. That blocks the event loop, so it is short; the long wait is done
 * outside by retries.
 */
const BUSY_MS = 20;
const PATIENCE_MS = 5_000;
const PAUSE_MS = 40;

/**
 * Opens or creates the embedded history: a file for its owner only (0600, in a folder 0700), or for the group of its folder,
 * in WAL mode, which several fleet processes may use at once. Throws `history_unavailable`.
 */
export async function openSqliteHistory(
  file: string,
  { now, random }: HistoryDeps,
): Promise<HistoryStore> {
  const patiently = <T>(work: () => Promise<T>) => whileBusy(work, random);
  let raw: Database.Database | null = null;
  try {
    makeFile(file);
    const database = new Database(file);
    raw = database;
    const db = new Kysely<HistoryTables>({ dialect: libsqlDialect(database) });
    await patiently(async () => prepare(database));
    if (!(await patiently(() => isMigrated(db)))) {
      // Two processes that open a new history at once must not both create its tables.
      await patiently(() => db.transaction().execute((trx) => migrate(trx, sqliteFlavour, now)));
    }
    const attempt = <T>(work: () => Promise<T>) => naming(file, () => patiently(work));
    return createSqlStore({ db, flavour: sqliteFlavour, attempt });
  } catch (error) {
    raw?.close();
    throw unavailable(file, error);
  }
}

/** The files that SQLite makes beside it get the same mode. */
function makeFile(file: string): void {
  makeFolder(dirname(file));
  const descriptor = openSync(file, 'a', 0o600);
  try {
    shareFile(file, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function prepare(database: Database.Database): void {
  database.exec(`pragma busy_timeout = ${BUSY_MS}`);
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = normal');
}

async function whileBusy<T>(work: () => Promise<T>, random: () => number): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!codeOf(error).startsWith('SQLITE_BUSY') || performance.now() > end) throw error;
      await delay(PAUSE_MS * (0.5 + random()));
    }
  }
}

async function naming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(file, error);
  }
}

function unavailable(file: string, error: unknown): FleetError {
  if (error instanceof FleetError) return error;
  const why = reasonOf(error);
  return new FleetError('history_unavailable', `the history in ${file} cannot be used: ${why}`, {
    cause: error,
    hint: remedy(file, codeOf(error)),
  });
}

function remedy(file: string, code: string): string {
  switch (code) {
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return `Move ${file} away; fleet starts a new one. Hosts and journals are not affected.`;
    case 'SQLITE_FULL':
    case 'ENOSPC':
      return 'Free some space on this machine.';
    case 'SQLITE_BUSY':
      return 'Another process has locked it for too long; try again.';
    default:
      return `Check that ${dirname(file)} is a folder that you can write.`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

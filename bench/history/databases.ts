import { Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely';
import Database from 'libsql';
import mysql from 'mysql2';
import pg from 'pg';
import type { HistoryTables } from '../../src/history/sql/tables.js';
import { libsqlDialect } from '../../src/history/sqlite/dialect.js';
import { readHistoryUrl } from '../../src/model/history/history-url.js';
import type { HistoryLocation } from '../../src/model/runs/app.js';

/** The tables of a history, for filling them faster than runs would. */
export function databaseAt(location: HistoryLocation): Kysely<HistoryTables> {
  if (location.kind === 'sqlite') {
    return new Kysely({ dialect: libsqlDialect(new Database(location.path)) });
  }
  const read = readHistoryUrl(location.url);
  if ('problem' in read) throw new Error(read.problem.message);
  const { kind, host, port, database, user, password } = read.server;
  const login = { ...(user === null ? {} : { user }), ...(password === null ? {} : { password }) };
  const at = { host, port, database, ...login };
  if (kind === 'postgres')
    return new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool(at) }) });
  return new Kysely({ dialect: new MysqlDialect({ pool: mysql.createPool(at) }) });
}

/** What a server does by itself some time after so many rows. */
export async function analyze(db: Kysely<HistoryTables>, location: HistoryLocation): Promise<void> {
  const isMysql = location.kind === 'url' && /^(mysql|mariadb):/.test(location.url);
  for (const table of ['runs', 'run_hosts']) {
    await sql`analyze ${sql.raw(isMysql ? 'table' : '')} ${sql.table(table)}`.execute(db);
  }
}

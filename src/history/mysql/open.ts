import { Kysely, MysqlDialect, type MysqlPool, sql } from 'kysely';
import mysql from 'mysql2';
import { FleetError } from '../../errors/fleet-error.js';
import { type HistoryServer, serverText } from '../../model/history/history-url.js';
import { createSockets, type Sockets } from '../server/sockets.js';
import { createSqlServerStore } from '../server/sql-server-store.js';
import { tlsOptions } from '../server/tls.js';
import { isMigrated, migrate } from '../sql/migrate.js';
import type { HistoryTables } from '../sql/tables.js';
import type { HistoryDeps, HistoryStore } from '../store.js';
import { mysqlFault, mysqlRemedy } from './errors.js';
import { mysqlFlavour } from './flavour.js';

const CONNECT_MS = 5_000;
const IDLE_MS = 10_000;
const LOCK_SECONDS = 5;
const MIGRATION_SECONDS = 10;
const CONNECTIONS = 2;

/**
 * What every connection is set to. The driver writes values into statements, with backslashes: a server that gives those
 * no meaning must be told to.
 */
const SESSION = [
  `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = ${LOCK_SECONDS}`,
  'set session transaction isolation level read committed',
];

/** A history in MySQL 8 or MariaDB 10.6, or later. It is connected to, and its schema brought about, by the first piece of work. */
export function openMysqlHistory(server: HistoryServer, deps: HistoryDeps): HistoryStore {
  const sockets = createSockets();
  const pool = mysql.createPool(poolOptions(server, sockets));
  const dialect = new MysqlDialect({ pool: withSession(pool) });
  const db = new Kysely<HistoryTables>({ dialect });
  return createSqlServerStore(
    {
      server,
      db,
      sockets,
      flavour: mysqlFlavour,
      prepare: () => prepare(db, { server, now: deps.now }),
      faultOf: mysqlFault,
      remedyOf: mysqlRemedy,
    },
    deps,
  );
}

function poolOptions(server: HistoryServer, sockets: Sockets): mysql.PoolOptions {
  const { host, socket, port, user, password, database, tls } = server;
  return {
    // The driver compares it with the certificate.
    host,
    port,
    database,
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { password }),
    ...(tls === null ? {} : { ssl: { ...tlsOptions(tls), verifyIdentity: true } }),
    stream: () =>
      socket ? sockets.create().connect({ path: host }) : sockets.create().connect({ host, port }),
    charset: 'utf8mb4',
    connectionLimit: CONNECTIONS,
    maxIdle: 1,
    idleTimeout: IDLE_MS,
    connectTimeout: CONNECT_MS,
  };
}

/** Each connection of the pool is set up before its first use; one that cannot be is given up. */
function withSession(pool: mysql.Pool): MysqlPool {
  const ready = new WeakSet<mysql.PoolConnection>();
  return {
    getConnection(done) {
      pool.getConnection((error, connection) => {
        if (error !== null || ready.has(connection)) return done(error, connection);
        setUp(connection, (failure) => {
          if (failure === null) ready.add(connection);
          else connection.destroy();
          done(failure, connection);
        });
      });
    },
    end: (done) => pool.end(done),
  };
}

function setUp(
  connection: mysql.PoolConnection,
  done: (failure: mysql.QueryError | null) => void,
  [statement, ...others]: readonly string[] = SESSION,
): void {
  if (statement === undefined) return done(null);
  connection.query(statement, (failure) => {
    if (failure === null) setUp(connection, done, others);
    else done(failure);
  });
}

/** MySQL ends a transaction at each change of the schema, so the lock is one of its connection. */
async function prepare(
  db: Kysely<HistoryTables>,
  { server, now }: { readonly server: HistoryServer } & Pick<HistoryDeps, 'now'>,
): Promise<void> {
  if (await isMigrated(db)) return;
  await db.connection().execute(async (connection) => {
    // Of this database alone; a name may have 64 characters.
    const name = sql`concat('fleet:', md5(database()))`;
    const lock = sql<{
      readonly got: unknown;
    }>`select get_lock(${name}, ${sql.lit(MIGRATION_SECONDS)}) as got`;
    const { rows } = await lock.execute(connection);
    if (Number(rows[0]?.got ?? 0) !== 1) throw schemaLocked(server);
    try {
      await migrate(connection, mysqlFlavour, now);
    } finally {
      await sql`select release_lock(${name})`.execute(connection);
    }
  });
}

function schemaLocked(server: HistoryServer): FleetError {
  return new FleetError(
    'history_unavailable',
    `the history in ${serverText(server)} is being changed by another fleet`,
    { hint: 'Try again in a minute.' },
  );
}

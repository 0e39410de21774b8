import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { FleetError } from '../../errors/fleet-error.js';
import { type HistoryServer, serverText } from '../../model/history/history-url.js';
import { createSockets, type Sockets } from '../server/sockets.js';
import { createSqlServerStore } from '../server/sql-server-store.js';
import { tlsOptions } from '../server/tls.js';
import { isMigrated, migrate } from '../sql/migrate.js';
import type { HistoryTables } from '../sql/tables.js';
import type { HistoryDeps, HistoryStore } from '../store.js';
import { postgresFault, postgresRemedy } from './errors.js';
import { postgresFlavour } from './flavour.js';

const CONNECT_MS = 5_000;
const IDLE_MS = 10_000;
const LOCK_MS = 5_000;
/** A run writes one thing after another; commands read as well. */
const CONNECTIONS = 2;
/** Of the lock in which the schema changes: `fleet` in ASCII. */
const LOCK = `${BigInt(`0x${Buffer.from('fleet').toString('hex')}`)}`;

/** A history in PostgreSQL 13 or later. It is connected to, and its schema brought about, by the first piece of work. */
export function openPostgresHistory(server: HistoryServer, deps: HistoryDeps): HistoryStore {
  const sockets = createSockets();
  const pool = new pg.Pool(poolConfig(server, sockets));
  // Without listeners, a connection that breaks would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = new Kysely<HistoryTables>({ dialect: new PostgresDialect({ pool }) });
  return createSqlServerStore(
    {
      server,
      db,
      sockets,
      flavour: postgresFlavour,
      prepare: () => prepare(db, { server, now: deps.now }),
      faultOf: postgresFault,
      remedyOf: postgresRemedy,
    },
    deps,
  );
}

function poolConfig(server: HistoryServer, sockets: Sockets): pg.PoolConfig {
  const { host, port, user, password, database, tls } = server;
  return {
    host,
    port,
    database,
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { password }),
    ssl: tls === null ? false : tlsOptions(tls),
    stream: () => sockets.create(),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    lock_timeout: LOCK_MS,
    allowExitOnIdle: true,
    application_name: 'fleet',
  };
}

async function prepare(
  db: Kysely<HistoryTables>,
  { server, now }: { readonly server: HistoryServer } & Pick<HistoryDeps, 'now'>,
): Promise<void> {
  await refuseEncoding(db, server);
  if (await isMigrated(db)) return;
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)}::bigint)`.execute(trx);
    await migrate(trx, postgresFlavour, now);
  });
}

/** In another encoding than UTF-8 names of people and output of hosts would be refused one by one. */
async function refuseEncoding(db: Kysely<HistoryTables>, server: HistoryServer): Promise<void> {
  const query = sql<{
    readonly encoding: string;
  }>`select current_setting('server_encoding') as encoding`;
  const encoding = (await query.execute(db)).rows[0]?.encoding;
  if (encoding === 'UTF8') return;
  throw new FleetError(
    'history_unavailable',
    `the history in ${serverText(server)} has the encoding ${encoding ?? 'unknown'}`,
    { hint: `createdb --encoding=UTF8 --template=template0 NAME makes one that can be used.` },
  );
}

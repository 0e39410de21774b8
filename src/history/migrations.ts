import type { Kysely } from 'kysely';
import { FleetError } from '../errors/fleet-error.js';
import type { HistoryTables } from './tables.js';

type Migration = (db: Kysely<HistoryTables>) => Promise<void>;

/** In order; a database's version is how many it has had. Never edited once released. */
const MIGRATIONS: readonly Migration[] = [createTables];

/**
 * Columns that came later, each of which a fleet before it ignores and leaves null: so they are no
 * version of their own, and several versions of fleet can use one database.
 */
const ADDED_COLUMNS = [{ table: 'runs', column: 'reason', type: 'text' }] as const;

/**
 * Migrates a database to this fleet's schema. The caller holds the lock against a second process. Throws
 * `history_unavailable` if a newer fleet has used it.
 */
export async function migrate(db: Kysely<HistoryTables>, now: () => Date): Promise<void> {
  await db.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('applied_at', 'varchar(40)', (column) => column.notNull())
    .execute();
  const version = await schemaVersion(db);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await migration(db);
    const row = { version: index + 1, applied_at: now().toISOString() };
    await db.insertInto('schema_migrations').values(row).execute();
  }
  await addColumns(db);
}

async function addColumns(db: Kysely<HistoryTables>): Promise<void> {
  const tables = await db.introspection.getTables();
  for (const { table, column, type } of ADDED_COLUMNS) {
    const there = tables.find(({ name }) => name === table)?.columns ?? [];
    if (there.some(({ name }) => name === column)) continue;
    await db.schema.alterTable(table).addColumn(column, type).execute();
  }
}

async function schemaVersion(db: Kysely<HistoryTables>): Promise<number> {
  const newest = db.selectFrom('schema_migrations').select('version').orderBy('version', 'desc');
  const { version } = (await newest.limit(1).executeTakeFirst()) ?? { version: 0 };
  if (version <= MIGRATIONS.length) return version;
  throw new FleetError(
    'history_unavailable',
    `the history was written by a newer fleet (schema ${version}, this one knows ${MIGRATIONS.length})`,
    { hint: 'Upgrade fleet on this machine, or set another history in fleet.yaml.' },
  );
}

async function createTables(db: Kysely<HistoryTables>): Promise<void> {
  await createRuns(db);
  await createRunHosts(db);
  await createRunEvents(db);
  await createReleases(db);
}

async function createRuns(db: Kysely<HistoryTables>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('run', 'varchar(64)', (column) => column.primaryKey())
    .addColumn('kind', 'varchar(16)', (column) => column.notNull())
    .addColumn('app', 'varchar(190)', (column) => column.notNull())
    .addColumn('group_name', 'text', (column) => column.notNull())
    .addColumn('operator', 'text', (column) => column.notNull())
    .addColumn('release_id', 'varchar(128)', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('commit_id', 'varchar(64)')
    .addColumn('digest', 'varchar(80)', (column) => column.notNull())
    .addColumn('started_at', 'varchar(40)', (column) => column.notNull())
    .addColumn('ended_at', 'varchar(40)')
    .addColumn('state', 'varchar(32)')
    .addColumn('exit_code', 'integer')
    .addColumn('host_count', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('runs_of_app').on('runs').columns(['app', 'run']).execute();
}

async function createRunHosts(db: Kysely<HistoryTables>): Promise<void> {
  await db.schema
    .createTable('run_hosts')
    .addColumn('run', 'varchar(64)', (column) => column.notNull())
    .addColumn('host', 'varchar(255)', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('wave', 'integer')
    .addColumn('from_release', 'varchar(128)')
    .addColumn('to_release', 'varchar(128)')
    .addColumn('state', 'varchar(32)', (column) => column.notNull())
    .addColumn('updated_at', 'varchar(40)', (column) => column.notNull())
    .addColumn('error', 'text')
    .addPrimaryKeyConstraint('run_hosts_pk', ['run', 'host'])
    .execute();
}

async function createRunEvents(db: Kysely<HistoryTables>): Promise<void> {
  await db.schema
    .createTable('run_events')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('run', 'varchar(64)', (column) => column.notNull())
    .addColumn('at', 'varchar(40)', (column) => column.notNull())
    .addColumn('type', 'varchar(32)', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('events_of_run').on('run_events').column('run').execute();
}

async function createReleases(db: Kysely<HistoryTables>): Promise<void> {
  await db.schema
    .createTable('releases')
    .addColumn('app', 'varchar(190)', (column) => column.notNull())
    .addColumn('id', 'varchar(128)', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('commit_id', 'varchar(64)')
    .addColumn('digest', 'varchar(80)', (column) => column.notNull())
    .addColumn('run', 'varchar(64)', (column) => column.notNull())
    .addColumn('operator', 'text', (column) => column.notNull())
    .addColumn('deployed_at', 'varchar(40)', (column) => column.notNull())
    .addColumn('succeeded_at', 'varchar(40)')
    .addPrimaryKeyConstraint('releases_pk', ['app', 'id'])
    .execute();
}

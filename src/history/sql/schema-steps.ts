import { type ColumnBuilderCallback, type Kysely, sql } from 'kysely';
import type { SqlFlavour } from './flavour.js';
import type { HistoryTables } from './tables.js';

/** One change of the schema: at most one statement, which may be run again. */
export interface SchemaStep {
  readonly name: string;
  readonly run: (db: Kysely<HistoryTables>, flavour: SqlFlavour) => Promise<void>;
}

const RUN = 128;
const HOST = 500;
const WORD = 32;
const TIME = 40;
const STAMP = 48;
const APP = 190;
const COMMIT = 64;
const DIGEST = 80;

const required: ColumnBuilderCallback = (column) => column.notNull();

const createRuns: SchemaStep['run'] = (db, { name, text, tableEnd }) =>
  db.schema
    .createTable('runs')
    .ifNotExists()
    .addColumn('run', name(RUN), (column) => column.notNull().primaryKey())
    .addColumn('kind', name(WORD), required)
    .addColumn('app', name(APP), required)
    .addColumn('group_name', text, required)
    .addColumn('operator', text, required)
    .addColumn('release_id', name(RUN), required)
    .addColumn('version', text, required)
    .addColumn('commit_id', name(COMMIT))
    .addColumn('digest', name(DIGEST), required)
    .addColumn('started_at', name(TIME), required)
    .addColumn('ended_at', name(TIME))
    .addColumn('state', name(WORD))
    .addColumn('exit_code', 'integer')
    .addColumn('host_count', 'integer', required)
    .modifyEnd(tableEnd)
    .execute();

const createRunHosts: SchemaStep['run'] = (db, { name, text, tableEnd }) =>
  db.schema
    .createTable('run_hosts')
    .ifNotExists()
    .addColumn('run', name(RUN), required)
    .addColumn('host', name(HOST), required)
    .addColumn('position', 'integer', required)
    .addColumn('wave', 'integer')
    .addColumn('from_release', name(RUN))
    .addColumn('to_release', name(RUN))
    .addColumn('state', name(WORD), required)
    .addColumn('updated_at', name(TIME), required)
    .addColumn('error', text)
    .addPrimaryKeyConstraint('run_hosts_pk', ['run', 'host'])
    .modifyEnd(tableEnd)
    .execute();

async function createRunEvents(db: Kysely<HistoryTables>, flavour: SqlFlavour): Promise<void> {
  const { name, text, tableEnd } = flavour;
  const table = db.schema.createTable('run_events').ifNotExists();
  const numbered = flavour.numbersEvents
    ? table.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    : table;
  await numbered
    .addColumn('run', name(RUN), required)
    .addColumn('at', name(TIME), required)
    .addColumn('type', name(WORD), required)
    .addColumn('detail', text, required)
    .modifyEnd(tableEnd)
    .execute();
}

const createReleases: SchemaStep['run'] = (db, { name, text, tableEnd }) =>
  db.schema
    .createTable('releases')
    .ifNotExists()
    .addColumn('app', name(APP), required)
    .addColumn('id', name(RUN), required)
    .addColumn('version', text, required)
    .addColumn('commit_id', name(COMMIT))
    .addColumn('digest', name(DIGEST), required)
    .addColumn('run', name(RUN), required)
    .addColumn('operator', text, required)
    .addColumn('deployed_at', name(TIME), required)
    .addColumn('succeeded_at', name(TIME))
    .addPrimaryKeyConstraint('releases_pk', ['app', 'id'])
    .modifyEnd(tableEnd)
    .execute();

const createDocuments: SchemaStep['run'] = (db, { name, text, tableEnd }) =>
  db.schema
    .createTable('run_documents')
    .ifNotExists()
    .addColumn('run', name(RUN), required)
    .addColumn('kind', name(WORD), required)
    .addColumn('part', 'integer', required)
    .addColumn('content', text, required)
    .addPrimaryKeyConstraint('run_documents_pk', ['run', 'kind', 'part'])
    .modifyEnd(tableEnd)
    .execute();

type Table = Exclude<keyof HistoryTables, 'schema_migrations' | 'schema_steps'>;
type ColumnType = ReturnType<SqlFlavour['name']>;

/** A column that an older fleet leaves null. */
const column = (
  table: Table,
  name: string,
  type: (flavour: SqlFlavour) => ColumnType,
): SchemaStep => ({
  name: `${table}.${name}`,
  run: (db, flavour) => db.schema.alterTable(table).addColumn(name, type(flavour)).execute(),
});

const index = (name: string, table: Table, columns: readonly string[]): SchemaStep => ({
  name,
  run: (db) =>
    db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute(),
});

const textIndex = (name: string, column: 'version' | 'operator'): SchemaStep => ({
  name,
  run: (db, { indexed }) =>
    db.schema
      .createIndex(name)
      .on('runs')
      .expression(sql`${indexed(column)}, run`)
      .execute(),
});

const text = ({ text: type }: SqlFlavour): ColumnType => type;
const name =
  (length: number) =>
  (flavour: SqlFlavour): ColumnType =>
    flavour.name(length);

/**
 * In order. A step that was released is never edited: only new ones are added, and only such as an older fleet can
 * live with, which does not know of them. What it could not live with is another {@link SCHEMA_VERSION}.
 */
export const SCHEMA_STEPS: readonly SchemaStep[] = [
  { name: 'runs', run: createRuns },
  { name: 'run_hosts', run: createRunHosts },
  { name: 'run_events', run: createRunEvents },
  { name: 'releases', run: createReleases },
  index('runs_of_app', 'runs', ['app', 'run']),
  index('events_of_run', 'run_events', ['run']),
  column('runs', 'reason', text),
  column('runs', 'bastion', text),
  column('runs', 'person', text),
  column('runs', 'identity', text),
  column('runs', 'committed_at', name(TIME)),
  column('runs', 'start_stamp', name(STAMP)),
  column('runs', 'end_stamp', name(STAMP)),
  column('run_hosts', 'stamp', name(STAMP)),
  column('run_events', 'stamp', name(STAMP)),
  column('releases', 'committed_at', name(TIME)),
  { name: 'run_documents', run: createDocuments },
  {
    name: 'events_once',
    run: (db) =>
      db.schema
        .createIndex('events_once')
        .unique()
        .on('run_events')
        .columns(['run', 'stamp'])
        .execute(),
  },
  index('hosts_by_run', 'run_hosts', ['host', 'run']),
  index('hosts_by_time', 'run_hosts', ['host', 'updated_at']),
  index('runs_by_start', 'runs', ['started_at', 'run']),
  index('runs_by_end', 'runs', ['ended_at', 'run']),
  index('runs_by_state', 'runs', ['state', 'run']),
  index('runs_by_release', 'runs', ['release_id', 'run']),
  index('runs_by_commit', 'runs', ['commit_id', 'run']),
  textIndex('runs_by_version', 'version'),
  textIndex('runs_by_operator', 'operator'),
];

/** Of what every fleet that may use the database can live with. */
export const SCHEMA_VERSION = 1;

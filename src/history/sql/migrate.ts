import { type Kysely, sql } from 'kysely';
import { FleetError } from '../../errors/fleet-error.js';
import type { SqlFlavour } from './flavour.js';
import { SCHEMA_STEPS, SCHEMA_VERSION } from './schema-steps.js';
import type { HistoryTables } from './tables.js';

type Db = Kysely<HistoryTables>;

/**
 * Whether the schema is this fleet's, or one of a newer fleet that it can use. Throws `history_unavailable` if a newer
 * fleet has made one that it cannot use.
 */
export async function isMigrated(db: Db): Promise<boolean> {
  try {
    await refuseNewer(db);
    return (await missing(db)).length === 0;
  } catch (error) {
    if (error instanceof FleetError) throw error;
    // The tables of the notes are not there, or nothing can be read: that the migration finds out.
    return false;
  }
}

/**
 * Brings a database to this fleet's schema, step by step, each noted when it is done: what a killed fleet has begun is
 * continued by the next. The caller holds the lock against a second process. Throws as {@link isMigrated}.
 */
export async function migrate(db: Db, flavour: SqlFlavour, now: () => Date): Promise<void> {
  await createNotes(db, flavour);
  await refuseNewer(db);
  for (const { name, run } of await missing(db)) {
    try {
      await run(db, flavour);
    } catch (error) {
      if (!flavour.isThereAlready(error)) throw error;
    }
    const row = { name, applied_at: now().toISOString() };
    await db.insertInto('schema_steps').values(row).execute();
  }
  if ((await newestVersion(db)) === SCHEMA_VERSION) return;
  const row = { version: SCHEMA_VERSION, applied_at: now().toISOString() };
  await db.insertInto('schema_migrations').values(row).execute();
}

async function createNotes(db: Db, { name, tableEnd }: SqlFlavour): Promise<void> {
  await db.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.notNull().primaryKey())
    .addColumn('applied_at', name(40), (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
  await db.schema
    .createTable('schema_steps')
    .ifNotExists()
    .addColumn('name', name(64), (column) => column.notNull().primaryKey())
    .addColumn('applied_at', name(40), (column) => column.notNull())
    .modifyEnd(tableEnd)
    .execute();
}

async function missing(db: Db) {
  const rows = await db.selectFrom('schema_steps').select('name').execute();
  const done = new Set(rows.map(({ name }) => name));
  return SCHEMA_STEPS.filter(({ name }) => !done.has(name));
}

async function newestVersion(db: Db): Promise<number> {
  const newest = sql<number>`max(version)`.as('version');
  const row = await db.selectFrom('schema_migrations').select(newest).executeTakeFirst();
  return Number(row?.version ?? 0);
}

async function refuseNewer(db: Db): Promise<void> {
  const version = await newestVersion(db);
  if (version <= SCHEMA_VERSION) return;
  throw new FleetError(
    'history_unavailable',
    `the history was written by a newer fleet (schema ${version}, this one knows ${SCHEMA_VERSION})`,
    { hint: 'Upgrade fleet on this machine, or set another history in fleet.yaml.' },
  );
}

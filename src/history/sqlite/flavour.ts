import { sql } from 'kysely';
import { reasonOf } from '../../errors/reason.js';
import type { SqlFlavour } from '../sql/flavour.js';

/** Lengths mean nothing to SQLite, it compares bytes, and its transactions lock the whole database. */
export const sqliteFlavour: SqlFlavour = {
  name: (length) => sql`varchar(${sql.lit(length)})`,
  text: sql`text`,
  indexed: (column) => sql.ref(column),
  tableEnd: sql``,
  numbersEvents: true,
  onlyNew: (insert) => insert.onConflict((conflict) => conflict.doNothing()),
  locked: (select) => select,
  isThereAlready: (error) => /duplicate column name|already exists/.test(reasonOf(error)),
};

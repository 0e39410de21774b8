import { sql } from 'kysely';
import type { SqlFlavour } from '../sql/flavour.js';

/** Texts are compared in the C locale: byte by byte, whatever the database was made with. */
export const postgresFlavour: SqlFlavour = {
  name: (length) => sql`varchar(${sql.lit(length)}) collate "C"`,
  text: sql`text collate "C"`,
  indexed: (column) => sql.ref(column),
  tableEnd: sql``,
  numbersEvents: false,
  onlyNew: (insert) => insert.onConflict((conflict) => conflict.doNothing()),
  locked: (select) => select.forUpdate(),
  // Its schema changes are part of the transaction of the migration, so that none is there half done.
  isThereAlready: () => false,
};

import { sql } from 'kysely';
import type { SqlFlavour } from '../sql/flavour.js';
import { errorNumber } from './errors.js';

const BINARY = sql`character set utf8mb4 collate utf8mb4_bin`;
/** Of a text, which has no end known to the index; characters. */
const INDEXED = 64;
/** Table, column or index exists. */
const THERE: ReadonlySet<number> = new Set([1050, 1060, 1061]);

/** Texts are compared by code points, whatever the database was made with. */
export const mysqlFlavour: SqlFlavour = {
  name: (length) => sql`varchar(${sql.lit(length)}) ${BINARY}`,
  text: sql`mediumtext ${BINARY}`,
  indexed: (column) => sql`${sql.ref(column)}(${sql.lit(INDEXED)})`,
  tableEnd: sql`engine = InnoDB, row_format = dynamic, ${BINARY}`,
  numbersEvents: false,
  // `insert ignore` would also pass over what does not fit.
  onlyNew: (insert, column) =>
    insert.modifyEnd(sql`on duplicate key update ${sql.ref(column)} = ${sql.ref(column)}`),
  locked: (select) => select.forUpdate(),
  isThereAlready: (error) => THERE.has(errorNumber(error)),
};

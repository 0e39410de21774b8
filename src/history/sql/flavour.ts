import type { InsertQueryBuilder, RawBuilder, SelectQueryBuilder } from 'kysely';
import type { HistoryTables } from './tables.js';

type ColumnType = RawBuilder<unknown>;

/** An insert into one of the tables. */
export type Insert<Table extends keyof HistoryTables> = InsertQueryBuilder<
  HistoryTables,
  Table,
  unknown
>;

/** In what the databases differ, beyond what kysely makes alike. */
export interface SqlFlavour {
  /** A text of at most so many characters, compared code point by code point. */
  readonly name: (length: number) => ColumnType;
  /** A text of up to some megabytes, compared in the same way. */
  readonly text: ColumnType;
  /** A text as a column of an index. */
  readonly indexed: (column: string) => RawBuilder<unknown>;
  /** What follows the columns of a new table. */
  readonly tableEnd: RawBuilder<unknown>;
  /** Whether the rows of events have a number that grows, for those without a stamp. */
  readonly numbersEvents: boolean;
  /** Inserts the rows whose key is not there yet; `column` is one of the key. */
  readonly onlyNew: <Table extends keyof HistoryTables>(
    insert: Insert<Table>,
    column: string,
  ) => Insert<Table>;
  /** Locks the selected rows against other writers until the transaction ends. */
  readonly locked: <Output>(
    select: SelectQueryBuilder<HistoryTables, 'runs', Output>,
  ) => SelectQueryBuilder<HistoryTables, 'runs', Output>;
  /** Whether an error of a schema change says that what it makes is there already. */
  readonly isThereAlready: (error: unknown) => boolean;
}

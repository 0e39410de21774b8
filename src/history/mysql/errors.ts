import { errorCode, type Fault, networkFault } from '../server/fault.js';

/** The number of an error of the server; 0 if it is of the driver or the network. */
export function errorNumber(error: unknown): number {
  if (!(error instanceof Error) || !('errno' in error)) return 0;
  return typeof error.errno === 'number' ? error.errno : 0;
}

/** Deadlock, lock wait timeout, checkread, and a unique key that another writer was first to use. */
const CONFLICTS: ReadonlySet<number> = new Set([1205, 1213, 1020, 1062]);

/** Too many connections, shutdown, killed, connection killed, gone away. */
const LOST: ReadonlySet<number> = new Set([1040, 1053, 1317, 1927, 3169, 4031]);

const LOST_BY_DRIVER: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
]);

/** What an error of MySQL, MariaDB or their driver means. */
export function mysqlFault(error: unknown): Fault {
  const number = errorNumber(error);
  if (CONFLICTS.has(number)) return 'conflict';
  if (LOST.has(number) || LOST_BY_DRIVER.has(errorCode(error))) return 'lost';
  return networkFault(error) ?? 'final';
}

const CHANGE_SCHEMA = 'Let the user change the schema: grant all on NAME.* to USER;';
const CHECK_LOGIN = 'Check user and password in the URL of the history.';
const FREE_SPACE = 'Free some space on the server.';
const READ_ONLY = 'The server is a read-only copy; name the one that can be written.';

const REMEDIES: ReadonlyMap<number, string> = new Map([
  [1021, FREE_SPACE],
  [1040, 'The server has too many connections; try again later.'],
  [1044, CHANGE_SCHEMA],
  [1045, CHECK_LOGIN],
  [1049, 'Create the database: create database NAME;'],
  [1114, FREE_SPACE],
  [1142, CHANGE_SCHEMA],
  [1290, READ_ONLY],
  [1698, CHECK_LOGIN],
  [1836, READ_ONLY],
]);

/** What a person can do about an error; null if that is not known. */
export const mysqlRemedy = (error: unknown): string | null =>
  REMEDIES.get(errorNumber(error)) ?? null;

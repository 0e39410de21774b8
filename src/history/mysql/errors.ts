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

export function mysqlRemedy(error: unknown): string | null {
  switch (errorNumber(error)) {
    case 1044:
    case 1142:
      return 'Let the user change the schema: grant all on NAME.* to USER;';
    case 1045:
    case 1698:
      return 'Check user and password in the URL of the history.';
    case 1049:
      return 'Create the database: create database NAME;';
    case 1021:
    case 1114:
      return 'Free some space on the server.';
    case 1290:
    case 1836:
      return 'The server is a read-only copy; name the one that can be written.';
    case 1040:
      return 'The server has too many connections; try again later.';
    default:
      return null;
  }
}

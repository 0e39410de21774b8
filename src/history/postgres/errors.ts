import { errorCode, type Fault, networkFault, whyOf } from '../server/fault.js';

/** Serialization failure, deadlock, lock not available, and a unique key that another writer was first to use. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '23505']);

/** What an error of PostgreSQL or its driver means; SQLSTATE codes are in the manual's appendix A. */
export function postgresFault(error: unknown): Fault {
  const code = errorCode(error);
  if (CONFLICTS.has(code)) return 'conflict';
  // Class 08: connection; 57P01 to 57P05: shut down, crashed, starts up, dropped.
  if (/^(08...|57P0[1-5]|53300)$/.test(code)) return 'lost';
  const network = networkFault(error);
  if (network !== null) return network;
  return isCutOff(error) ? 'lost' : 'final';
}

/** The driver has no codes for these. */
const isCutOff = (error: unknown): boolean =>
  /^(Connection terminated|Client has encountered a connection error|timeout (expired|exceeded)|Client was closed)/.test(
    whyOf(error),
  );

export function postgresRemedy(error: unknown): string | null {
  switch (errorCode(error)) {
    case '28P01':
    case '28000':
      return 'Check user and password in the URL of the history, and pg_hba.conf on the server.';
    case '3D000':
      return 'Create the database: createdb --encoding=UTF8 NAME.';
    case '42501':
      return 'Let the user own the database: alter database NAME owner to USER;';
    case '53100':
      return 'Free some space on the server.';
    case '53300':
      return 'The server has too many connections; try again later.';
    case '25006':
      return 'The server is a read-only copy; name the one that can be written.';
    default:
      return null;
  }
}

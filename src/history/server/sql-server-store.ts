import type { SqlFlavour } from '../sql/flavour.js';
import { createSqlStore, type HistoryDatabase } from '../sql/store.js';
import type { HistoryDeps, HistoryStore } from '../store.js';
import { type Attempts, createAttempt } from './attempts.js';
import { closeWithin } from './closing.js';
import type { Sockets } from './sockets.js';

/** A database on a server, as its driver has opened it. */
export interface SqlServer extends Attempts {
  readonly db: HistoryDatabase['db'];
  readonly flavour: SqlFlavour;
  /** All connections of the driver. */
  readonly sockets: Sockets;
}

/** The history in an SQL database on a server. */
export function createSqlServerStore(opened: SqlServer, deps: HistoryDeps): HistoryStore {
  const { db, flavour, sockets } = opened;
  return {
    ...createSqlStore({ db, flavour, attempt: createAttempt(opened, deps) }),
    close: () => closeWithin(() => db.destroy(), sockets),
  };
}

import { FleetError } from '../errors/fleet-error.js';
import type { HistoryLocation } from '../model/runs/app.js';
import type { HistoryDeps, HistoryStore } from './store.js';

/** Opens a history; its driver is loaded only now. Throws `history_unavailable`. */
export async function openHistory(
  location: HistoryLocation,
  rim: HistoryDeps,
): Promise<HistoryStore> {
  switch (location.kind) {
    case 'sqlite':
      return openSqlite(location.path, rim);
    case 'url':
      // The config refuses one; a plan that another version has kept may have one.
      throw new FleetError('history_unavailable', 'a history on a server is not built yet');
    default:
      return location satisfies never;
  }
}

async function openSqlite(file: string, rim: HistoryDeps): Promise<HistoryStore> {
  // libsql's loader makes a diagnostic report to find the C library, and Node then looks up the name of every
  // connected peer: seconds of a blocked loop for fifty hosts. Node 20.13 has the option, its types do not.
  Object.assign(process.report, { excludeNetwork: true });
  const { openSqliteHistory } = await import('./sqlite/open.js');
  return openSqliteHistory(file, rim);
}

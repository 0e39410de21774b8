import type { HistoryRim, HistoryStore } from './store.js';

/** Opens the embedded history; its driver is loaded only now. Throws `history_unavailable`. */
export async function openHistory(file: string, rim: HistoryRim): Promise<HistoryStore> {
  // libsql's loader makes a diagnostic report to find the C library, and Node then looks up the name of every
  // connected peer: seconds of a blocked loop for fifty hosts. Node 20.13 has the option, its types do not.
  Object.assign(process.report, { excludeNetwork: true });
  const { openSqliteHistory } = await import('./sqlite.js');
  return openSqliteHistory(file, rim);
}

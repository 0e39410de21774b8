import type { HistoryRim, HistoryStore } from './store.js';

/** Opens the embedded history; its driver is loaded only now. Throws `history_unavailable`. */
export async function openHistory(file: string, rim: HistoryRim): Promise<HistoryStore> {
  // libsql's loader takes a diagnostic report to tell the C library, and Node then looks up the
  // name of every peer we are connected to: seconds of a blocked loop for fifty hosts.
  // Node 20.13 has the switch, the types for Node 20 do not.
  Object.assign(process.report, { excludeNetwork: true });
  const { openSqliteHistory } = await import('./sqlite.js');
  return openSqliteHistory(file, rim);
}

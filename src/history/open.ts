import type { HistoryStore } from './store.js';

/** Opens the embedded history; its driver is loaded only now. Throws `history_unavailable`. */
export async function openHistory(file: string): Promise<HistoryStore> {
  const { openSqliteHistory } = await import('./sqlite.js');
  return openSqliteHistory(file);
}

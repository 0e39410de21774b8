import { openHistory } from '../../../src/history/open.js';
import type { HistoryStore } from '../../../src/history/store.js';

/** A history with the clock and the chance of this process. */
export function openHere(file: string): Promise<HistoryStore> {
  return openHistory(
    { kind: 'sqlite', path: file },
    { now: () => new Date(), random: Math.random },
  );
}

/** A history on a server. */
export function openAt(url: string): Promise<HistoryStore> {
  return openHistory({ kind: 'url', url }, { now: () => new Date(), random: Math.random });
}

import type { HistoryStore } from '../../src/history/store.js';

/** A history store that is down: whatever is asked of it fails, or is never answered. */
export function brokenStore(how: 'fails' | 'hangs'): HistoryStore {
  const answer = async (): Promise<never> => {
    if (how === 'hangs') return new Promise<never>(() => undefined);
    throw new Error('the database is not there');
  };
  return {
    recordStart: answer,
    recordProgress: answer,
    recordEnd: answer,
    listRuns: answer,
    getRun: answer,
    listReleases: answer,
    releaseAt: answer,
    async *runsBetween() {
      yield await answer();
    },
    listOpenRuns: answer,
    putShared: answer,
    getShared: answer,
    removeShared: answer,
    close: async () => undefined,
  };
}

/** A history store that keeps nothing, and tells whenever it is to keep something. */
export function watchedStore(onWrite: () => void): HistoryStore {
  const write = async (): Promise<void> => onWrite();
  return {
    recordStart: write,
    recordProgress: write,
    recordEnd: write,
    listRuns: async () => [],
    getRun: async () => {
      throw new Error('nothing was kept');
    },
    listReleases: async () => [],
    releaseAt: async () => [],
    async *runsBetween() {
      yield* [];
    },
    listOpenRuns: async () => [],
    putShared: write,
    getShared: async () => [],
    removeShared: write,
    close: async () => undefined,
  };
}

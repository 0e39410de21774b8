import type { Clock } from '../../../src/model/clock.js';

/** A clock that the test sets. Sleepers wake when their time has come. */
export interface HandClock extends Clock {
  /** Advances the time, and wakes everything that waits for it. */
  pass(ms: number): Promise<void>;
}

export function createHandClock(): HandClock {
  let time = 1_000_000;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => new Date(time),
    monotonicMs: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          at: time + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
        if (signal?.aborted === true) sleeper.wake();
      }),
    async pass(ms) {
      const end = time + ms;
      for (;;) {
        await settle();
        const next = [...sleepers].toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        time = Math.max(time, next.at);
        next.wake();
      }
      time = end;
      await settle();
    },
  };
}

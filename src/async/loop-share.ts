/** The share of each turn of the event loop that one kind of work may use. */
export interface LoopShare {
  /** Does the work and returns true; false if this turn's share is used up, or others wait. */
  now(work: () => void): boolean;
  /** Does the work in one of the next turns, in order. It must not throw. */
  later(work: () => void): void;
}

/** A turn uses at most twice the share, plus its last piece of work. */
export function createLoopShare(shareMs: number): LoopShare {
  const waiting = new Set<() => void>();
  let spent = 0;
  let renewing = false;

  function take(work: () => void): void {
    const before = performance.now();
    try {
      work();
    } finally {
      spent += performance.now() - before;
    }
  }

  function renew(): void {
    renewing = false;
    spent = 0;
    for (const work of waiting) {
      if (spent >= shareMs) break;
      waiting.delete(work);
      take(work);
    }
    if (waiting.size > 0) renewSoon();
  }

  function renewSoon(): void {
    if (!renewing) setImmediate(renew);
    renewing = true;
  }

  return {
    now(work) {
      if (waiting.size > 0 || spent >= shareMs) return false;
      renewSoon();
      take(work);
      return true;
    },
    later(work) {
      renewSoon();
      waiting.add(work);
    },
  };
}

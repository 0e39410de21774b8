/** A turn among those who may shake hands at once; giving it back twice is harmless. */
type Turn = () => void;

export interface HandshakeLimit {
  /** Resolves with a turn, first come first served, or with null if the signal aborts before it. */
  take(signal?: AbortSignal): Promise<Turn | null>;
}

/**
 * Limits handshakes apart from sessions: they are what costs CPU here and what sshd's MaxStartups
 * counts, while an authenticated connection that waits costs nothing.
 */
export function createHandshakeLimit(atOnce: number): HandshakeLimit {
  let free = atOnce;
  const waiting = new Set<() => void>();

  function turn(): Turn {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      free += 1;
      const [next] = waiting;
      if (next !== undefined) next();
    };
  }

  return {
    take(signal) {
      if (signal?.aborted) return Promise.resolve(null);
      return new Promise((resolve) => {
        const start = () => {
          waiting.delete(start);
          signal?.removeEventListener('abort', leave);
          free -= 1;
          resolve(turn());
        };
        const leave = () => {
          waiting.delete(start);
          resolve(null);
        };
        if (free > 0) return start();
        waiting.add(start);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
  };
}

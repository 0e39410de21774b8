import { type HandshakePace, type LoopProbe, nextPace, probeLoop } from './handshake-pace.js';

/** A turn among those who may shake hands at once; giving it back twice is harmless. */
type Turn = () => void;

export interface HandshakeLimit {
  /**
   * Resolves with a turn, first come first served, or with null if the signal aborts before it.
   * Those that others wait for are `urgent` and go first.
   */
  take(signal?: AbortSignal, urgent?: boolean): Promise<Turn | null>;
}

/**
 * Limits handshakes apart from sessions: they are what costs CPU here, while an authenticated
 * connection that waits costs nothing. How many are allowed follows the event loop, which is asked
 * only while someone waits for a turn.
 */
export function createHandshakeLimit(
  pace: HandshakePace,
  probe: LoopProbe = probeLoop,
): HandshakeLimit {
  let allowed = pace.start;
  let running = 0;
  const urgently = new Set<() => void>();
  const waiting = new Set<() => void>();
  let stopProbe: (() => void) | null = null;

  function admit(): void {
    while (running < allowed) {
      const [next] = urgently.size > 0 ? urgently : waiting;
      if (next === undefined) break;
      next();
    }
    const someone = urgently.size + waiting.size > 0;
    if (someone && pace.least < pace.most) stopProbe ??= probe(follow);
    if (!someone) endProbe();
  }

  function follow(load: Parameters<Parameters<LoopProbe>[0]>[0]): void {
    allowed = nextPace(allowed, load, pace);
    admit();
  }

  function endProbe(): void {
    stopProbe?.();
    stopProbe = null;
  }

  function turn(): Turn {
    let held = true;
    running += 1;
    return () => {
      if (!held) return;
      held = false;
      running -= 1;
      admit();
    };
  }

  return {
    take(signal, urgent = false) {
      if (signal?.aborted) return Promise.resolve(null);
      const queue = urgent ? urgently : waiting;
      return new Promise((resolve) => {
        const start = () => {
          queue.delete(start);
          signal?.removeEventListener('abort', leave);
          resolve(turn());
        };
        const leave = () => {
          queue.delete(start);
          resolve(null);
          admit();
        };
        queue.add(start);
        signal?.addEventListener('abort', leave, { once: true });
        admit();
      });
    },
  };
}

import { type HandshakePace, type LoopProbe, nextPace, probeLoop } from './handshake-pace.js';

/** Permission for one handshake; giving it back twice is harmless. */
type Turn = () => void;

export interface HandshakeLimit {
  /**
   * Resolves with a turn, first come first served, or with null if the signal aborts before. `urgent` ones go
   * first: other hosts wait for them.
   */
  take(signal?: AbortSignal, urgent?: boolean): Promise<Turn | null>;
}

/**
 * Limits handshakes, not sessions: a handshake costs CPU here, an idle connection does not. The limit follows
 * the load of the event loop, which is measured only while someone waits for a turn.
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

/** How many handshakes may run at once: where it starts, and between what it moves. */
export interface HandshakePace {
  readonly start: number;
  readonly least: number;
  readonly most: number;
}

/** The same number whatever the load. */
export function steadyPace(handshakes: number): HandshakePace {
  return { start: handshakes, least: handshakes, most: handshakes };
}

/** How the event loop fared of late. */
export interface LoopLoad {
  /** By how much a timer came late, in milliseconds. */
  readonly lateMs: number;
  /** The share of the time in which it was not waiting, from 0 to 1. */
  readonly busy: number;
}

/**
 * The number for the next moment. A loop that mostly waits has hosts far away and room for more of
 * them; one that is late does the crypto of too many at once, and the answers of others grow old.
 * In between, the number is right.
 */
export function nextPace(allowed: number, load: LoopLoad, { least, most }: HandshakePace): number {
  if (load.lateMs > LATE_MS) return Math.max(least, Math.floor(allowed / 2));
  if (load.busy < MOSTLY_WAITING) return Math.min(most, Math.ceil(allowed * 1.5));
  return allowed;
}

/** Reads the load at intervals until the function that it returns is called. */
export type LoopProbe = (onLoad: (load: LoopLoad) => void) => () => void;

export const probeLoop: LoopProbe = (onLoad) => {
  let before = performance.now();
  let utilization = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.now();
    const current = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(current, utilization).utilization;
    const lateMs = Math.max(0, now - before - PROBE_MS);
    [before, utilization] = [now, current];
    onLoad({ lateMs, busy });
  }, PROBE_MS);
  return () => clearInterval(timer);
};

const PROBE_MS = 50;
const LATE_MS = 200;
const MOSTLY_WAITING = 0.6;

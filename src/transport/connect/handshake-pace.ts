/** How many handshakes may run at once: the start value and its bounds. */
export interface HandshakePace {
  readonly start: number;
  readonly least: number;
  readonly most: number;
}

/** The same number whatever the load. */
export function steadyPace(handshakes: number): HandshakePace {
  return { start: handshakes, least: handshakes, most: handshakes };
}

/** The recent load of the event loop. */
export interface LoopLoad {
  /** How late a timer fired, in milliseconds. */
  readonly lateMs: number;
  /** The share of time in which it was not idle, from 0 to 1. */
  readonly busy: number;
}

/**
 * The next limit. A mostly idle loop has distant hosts and room for more; a late one does too much crypto at
 * once, so that other answers wait. In between the limit stays.
 */
export function nextPace(allowed: number, load: LoopLoad, { least, most }: HandshakePace): number {
  if (load.lateMs > LATE_MS) return Math.max(least, Math.floor(allowed / 2));
  if (load.busy < MOSTLY_WAITING) return Math.min(most, Math.ceil(allowed * 1.5));
  return allowed;
}

/** Measures the load at intervals until the returned function is called. */
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

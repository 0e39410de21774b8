export interface Deadline {
  /** Ends the deadline without calling back. */
  stop(): void;
}

/**
 * Calls back once when the time is up, counting only time in which the event loop turned. If the loop is
 * blocked by other hosts' crypto, a plain timer could fire before the answer in the socket is read. So the
 * time is cut into slices: a late slice counts at most twice its length, and pending I/O is read twice before
 * the verdict.
 * however late it fires, and before the verdict pending I/O is read twice.
 */
export function startDeadline(ms: number, onExpired: () => void): Deadline {
  const slice = Math.min(Math.max(ms / 8, MIN_SLICE_MS), MAX_SLICE_MS);
  let left = ms;
  let stopped = false;
  let started = performance.now();
  let timer = setTimeout(tick, Math.min(slice, left));

  function tick(): void {
    const now = performance.now();
    left -= Math.min(now - started, 2 * slice);
    started = now;
    if (left >= 1) timer = setTimeout(tick, Math.min(slice, left));
    else setImmediate(() => setImmediate(() => stopped || onExpired()));
  }

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const MIN_SLICE_MS = 20;
const MAX_SLICE_MS = 1000;

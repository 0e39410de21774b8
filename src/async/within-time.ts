import { startDeadline } from './deadline.js';
import { orAborted } from './or-aborted.js';

/**
 * Resolves as `work` does, but rejects once the time is up or `outer` aborts. `work` gets a signal that aborts then; if it
 * goes on all the same, no one waits for it.
 */
export async function withinTime<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer: AbortSignal = NEVER,
): Promise<T> {
  const end = new AbortController();
  const abort = (): void => end.abort(outer.reason);
  const deadline = startDeadline(ms, () => end.abort(new Error(`no answer within ${ms / 1000} s`)));
  outer.addEventListener('abort', abort, { once: true });
  try {
    outer.throwIfAborted();
    return await orAborted(work(end.signal), end.signal);
  } finally {
    deadline.stop();
    outer.removeEventListener('abort', abort);
    // What is opened too late is closed by who opens it.
    end.abort();
  }
}

const NEVER = new AbortController().signal;

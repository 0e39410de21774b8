import pLimit from 'p-limit';

/** Runs a limited number of tasks at once; the others wait in order. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** The concurrency limits of calls, by the kind of call. */
export interface CallLanes {
  readonly work: Limit;
  readonly renewal: Limit;
}

/**
 * Renewals have a limit of their own. The work may use its whole limit for minutes, with thousands of
 * calls in the queue, and a claim that is not renewed meanwhile is lost. A renewal is one round trip over
 * an open connection.
 */
const RENEWALS_AT_ONCE = 16;

export function createCallLanes(work: Limit): CallLanes {
  return { work, renewal: pLimit(RENEWALS_AT_ONCE) };
}

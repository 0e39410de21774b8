import pLimit from 'p-limit';

/** Runs at most so many tasks at once; the others wait in the order in which they came. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** The places that calls take while they are under way, by the kind of call. */
export interface CallLanes {
  readonly work: Limit;
  readonly renewal: Limit;
}

/**
 * Renewals have places of their own. The work may hold all of its places for minutes, with thousands
 * of calls behind it, and a claim that is not renewed meanwhile is lost. A renewal takes one round
 * trip, over a connection that is there.
 */
const RENEWALS_AT_ONCE = 16;

export function createCallLanes(work: Limit): CallLanes {
  return { work, renewal: pLimit(RENEWALS_AT_ONCE) };
}

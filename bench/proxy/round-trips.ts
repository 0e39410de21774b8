/** When the client had heard so much that so many round trips must have passed. */
export interface RoundTrip {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly count: number;
}

/**
 * Counts the round trips of one connection: the longest chain of "the client sent this after it had
 * heard that, which the server sent after it had got this". The TCP handshake is the first one.
 *
 * It is a logical clock (Lamport, 1978) that grows by one on the way back: what crosses on the way
 * counts once, however many packets it is, and no connection can be through its chain in less time
 * than the count times the round-trip time.
 */
export class RoundTripClock {
  #client = 1;
  #server = 1;
  readonly #log: RoundTrip[];

  constructor(at: number) {
    this.#log = [{ at, count: 1 }];
  }

  /** The stamp for what the client sends now. */
  get clientStamp(): number {
    return this.#client;
  }

  /** The stamp for what the server sends now. */
  get serverStamp(): number {
    return this.#server + 1;
  }

  reachedServer(stamp: number): void {
    this.#server = Math.max(this.#server, stamp);
  }

  reachedClient(stamp: number, at: number): void {
    if (stamp <= this.#client) return;
    this.#client = stamp;
    this.#log.push({ at, count: stamp });
  }

  /** Every growth of the count, oldest first. */
  get log(): readonly RoundTrip[] {
    return this.#log;
  }
}

/** How many round trips of a log had been made by a moment. */
export function countAt(log: readonly RoundTrip[], at: number): number {
  return log.findLast((trip) => trip.at <= at)?.count ?? 0;
}

/** Time, as it comes in from outside. */
export interface Clock {
  /** The time of day; may be set forward and back. */
  now(): Date;
  /** Milliseconds since some moment, monotonic; also counts while the machine is suspended. */
  monotonicMs(): number;
  /** Resolves after so many milliseconds, or when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

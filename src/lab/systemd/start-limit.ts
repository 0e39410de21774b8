/** Counts the starts of one unit, automatic and manual ones alike, as systemd does. */
export class StartLimit {
  #starts: number[] = [];

  /** Whether one more start is too many; counts it if not. */
  hit(limit: { readonly burst: number; readonly intervalMs: number }): boolean {
    const now = performance.now();
    this.#starts = this.#starts.filter((at) => now - at < limit.intervalMs);
    const off = limit.burst <= 0 || limit.intervalMs <= 0;
    if (!off && this.#starts.length >= limit.burst) return true;
    this.#starts.push(now);
    return false;
  }

  /** What `reset-failed` does. */
  forget(): void {
    this.#starts = [];
  }
}

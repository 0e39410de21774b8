/** What can befall a host, as far as judgement hangs on it. */
export type Event = 'off' | 'reboot' | 'full-disk' | 'unit-killed' | 'sick';

interface Entry {
  readonly host: string;
  readonly event: Event;
  readonly from: number;
  until: number;
}

/**
 * What was done to which host and when, in milliseconds of `performance.now`. Those who do it write
 * it down before they do it; those who judge read it.
 */
export class Ledger {
  readonly #entries: Entry[] = [];

  /** Notes something that goes on until the function that it answers with is called. */
  begin(host: string, event: Event): () => void {
    const entry = { host, event, from: performance.now(), until: Number.POSITIVE_INFINITY };
    this.#entries.push(entry);
    return () => {
      entry.until = performance.now();
    };
  }

  /** Whether that was so on the host at any moment since. */
  happened(host: string, event: Event, since: number): boolean {
    return this.#entries.some(
      (entry) => entry.host === host && entry.event === event && entry.until >= since,
    );
  }

  isNow(host: string, event: Event): boolean {
    return this.happened(host, event, performance.now());
  }
}

/** The flock of a host: one holder, others wait in the order in which they came. */
export class Lock {
  #holder: object | null = null;
  #waiting: { readonly who: object; readonly granted: () => void }[] = [];

  get holder(): object | null {
    return this.#holder;
  }

  /** Calls `granted` once the lock is that of `who`; at once, where it is free. */
  take(who: object, granted: () => void): void {
    if (this.#holder === null) {
      this.#holder = who;
      granted();
    } else {
      this.#waiting.push({ who, granted });
    }
  }

  /** Gives the lock, or the place in the line, of `who` up. */
  leave(who: object): void {
    this.#waiting = this.#waiting.filter((entry) => entry.who !== who);
    if (this.#holder !== who) return;
    const next = this.#waiting.shift();
    this.#holder = next?.who ?? null;
    next?.granted();
  }

  /** No one holds it, no one waits: the host has gone down. */
  clear(): void {
    this.#holder = null;
    this.#waiting = [];
  }
}

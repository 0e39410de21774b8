/** Something that happens at a moment of virtual time. */
export interface Entry {
  readonly at: number;
  /** Breaks ties: what was put in first comes out first. */
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

/** A binary heap of entries, the earliest first. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  put(at: number, task: () => void): Entry {
    const entry: Entry = { at, order: this.#order, task, cancelled: false };
    this.#order += 1;
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return entry;
  }

  /** The earliest entry that was not cancelled, or undefined; it stays. */
  peek(): Entry | undefined {
    while (this.#heap[0]?.cancelled) this.#drop();
    return this.#heap[0];
  }

  /** The earliest entry that was not cancelled, or undefined; it leaves. */
  take(): Entry | undefined {
    const first = this.peek();
    if (first !== undefined) this.#drop();
    return first;
  }

  #drop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(start: number): void {
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (left < this.#heap.length && this.#isBefore(left, least)) least = left;
      if (right < this.#heap.length && this.#isBefore(right, least)) least = right;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#at(a);
    const other = this.#at(b);
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const kept = this.#at(a);
    this.#heap[a] = this.#at(b);
    this.#heap[b] = kept;
  }

  #at(index: number): Entry {
    const entry = this.#heap[index];
    if (entry === undefined) throw new RangeError(`no entry ${index}`);
    return entry;
  }
}

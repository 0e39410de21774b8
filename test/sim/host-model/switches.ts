import type { Pending } from '../scheduler.js';
import type { HostModel } from './host.js';
import type { StepProcess } from './step-process.js';

interface Waiting {
  readonly txn: string;
  readonly timer: Pending;
}

/** The dead-man timers that wait on a host; a reboot takes them all. */
export class Switches {
  readonly #host: HostModel;
  readonly #waiting = new Map<string, Waiting>();
  readonly #acting = new Map<string, StepProcess>();
  #nextPid = 1;

  constructor(host: HostModel) {
    this.#host = host;
  }

  /** Starts one and returns how it is found again. A timer of that name that waits is the same switch. */
  start(tier: string, name: string, txn: string, withinMs: number): string {
    const handle = tier === 'process' ? `process:${this.#pid()}` : `${tier}:${name}`;
    if (this.waits(handle)) return handle;
    const late = this.#host.random.between(0, 100);
    const timer = this.#host.later(withinMs + late, () => {
      this.#waiting.delete(handle);
      if (!this.#host.broken.has('never-fires')) this.#acting.set(txn, this.#host.fire(txn));
    });
    this.#waiting.set(handle, { txn, timer });
    return handle;
  }

  /** Whether it waits right now. */
  waits(handle: string): boolean {
    return this.#waiting.has(handle);
  }

  /** Whether any waits for that transaction, or has fired and is about to roll it back. */
  guards(txn: string): boolean {
    const acting = this.#acting.get(txn);
    if (acting !== undefined && this.#host.steps.has(acting)) return true;
    return [...this.#waiting.values()].some((waiting) => waiting.txn === txn);
  }

  stop(handle: string): void {
    this.#waiting.get(handle)?.timer.cancel();
    this.#waiting.delete(handle);
  }

  clear(): void {
    for (const handle of [...this.#waiting.keys()]) this.stop(handle);
  }

  #pid(): number {
    this.#nextPid += 1;
    return this.#nextPid;
  }
}

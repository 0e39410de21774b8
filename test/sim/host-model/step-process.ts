import type { Pending } from '../scheduler.js';
import type { HostModel } from './host.js';
import type { Doing, Pause } from './pause.js';

/** A call of the host program that runs on a host; a session that is gone does not end it. */
export class StepProcess {
  readonly #host: HostModel;
  readonly #body: Doing;
  readonly #ended: (how: 'ended' | 'vanished') => void;
  #timer: Pending | null = null;
  #over = false;
  #pauses = 0;
  #timed = false;
  /** Called at each pause with its number, from 1; for faults that strike in the middle. */
  onPause: ((count: number) => void) | null = null;

  constructor(host: HostModel, body: Doing, ended: (how: 'ended' | 'vanished') => void) {
    this.#host = host;
    this.#body = body;
    this.#ended = ended;
    host.steps.add(this);
  }

  begin(): void {
    this.#advance(true);
  }

  /** The pause that it is in takes so much longer. */
  stall(ms: number): void {
    if (this.#over || !this.#timed) return;
    this.#timer?.cancel();
    this.#timer = this.#host.scheduler.after(ms, () => this.#advance(true));
  }

  /** Ends it where it stands, as a host that goes down or a SIGKILL does. */
  vanish(): void {
    this.#end('vanished');
  }

  #advance(answer: boolean): void {
    if (this.#over) return;
    this.#timer = null;
    const { done, value } = this.#body.next(answer);
    if (this.#over) return;
    if (done) return this.#end('ended');
    this.#wait(value);
    this.#pauses += 1;
    this.onPause?.(this.#pauses);
  }

  #wait(pause: Pause): void {
    this.#timed = pause.kind === 'time';
    switch (pause.kind) {
      case 'time': {
        this.#timer = this.#host.scheduler.after(pause.ms, () => this.#advance(true));
        return;
      }
      case 'lock': {
        this.#timer = this.#host.scheduler.after(pause.waitMs, () => {
          this.#host.lock.leave(this);
          this.#advance(false);
        });
        this.#host.lock.take(this, () => {
          this.#timer?.cancel();
          this.#timer = this.#host.scheduler.after(0, () => this.#advance(true));
        });
      }
    }
  }

  #end(how: 'ended' | 'vanished'): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#host.steps.delete(this);
    this.#host.lock.leave(this);
    this.#ended(how);
  }
}

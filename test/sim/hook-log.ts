import type { FleetEvent } from '../../src/events/event.js';
import type { HostName } from '../../src/model/names.js';
import type { Transition } from './host-model/transition.js';
import type { LocalHook } from './sim-hooks.js';

/** One run of a hook of a wave or of the run. */
export interface HookNotes {
  readonly run: string;
  readonly turn: string;
  /** Null for the bastion. */
  readonly host: HostName | null;
  /** Null until it ends. */
  exit: 'ok' | 'failed' | null;
  /** Its host went down meanwhile: it never ends. */
  isLost: boolean;
}

/** What was seen of the hooks of waves and runs. */
export class HookLog {
  readonly entries: HookNotes[] = [];
  /** Hooks of one host: their keys with the host, and their exit once they have ended. */
  readonly #ofHosts = new Map<string, number | null>();
  /** Hooks that were not begun, of which a warning is all that follows. */
  readonly #warned = new Set<string>();

  /** A controller that has lost its lock begins no hook of its bastion, and says so. */
  noteEvent(event: FleetEvent): void {
    if (event.type !== 'hook-ended' || event.end !== 'refused' || event.ifFails !== 'warn') return;
    this.#warned.add(`${event.run} ${event.turn}`);
  }

  /** Whether a person was told that it did not run, and that the run goes on. */
  isWarnedOf(run: string, turn: string): boolean {
    return this.#warned.has(`${run} ${turn}`);
  }

  noteLocal({ run, turn, exit }: LocalHook): void {
    if (turn === null) return;
    if (exit === null) this.entries.push({ run, turn, host: null, exit: null, isLost: false });
    else this.#end({ run, turn }, exit);
  }

  noteOnHost({ host, ...change }: Transition): void {
    if (change.kind === 'booted') {
      for (const each of this.entries) each.isLost ||= each.host === host && each.exit === null;
    }
    if (change.kind !== 'hook-began' && change.kind !== 'hook-ended') return;
    const turn = turnOfKey(change.key);
    if (turn === null) {
      this.#ofHosts.set(`${host} ${change.key}`, change.kind === 'hook-ended' ? change.exit : null);
      return;
    }
    if (change.kind === 'hook-ended') return this.#end(turn, change.exit);
    this.entries.push({ ...turn, host, exit: null, isLost: false });
  }

  /** Whether a hook of one host began there under that key, and whether it came to an end. */
  onHost(host: HostName, key: string): 'none' | 'begun' | 'ended' {
    const exit = this.#ofHosts.get(`${host} ${key}`);
    return exit === undefined ? 'none' : exit === null ? 'begun' : 'ended';
  }

  #end({ run, turn }: Pick<HookNotes, 'run' | 'turn'>, exit: number): void {
    const open = this.entries.findLast(
      (each) => each.run === run && each.turn === turn && each.exit === null,
    );
    if (open !== undefined) open.exit = exit === 0 ? 'ok' : 'failed';
  }

  /** Whether it did its work the last time that it began; one that still runs will, unless it is to fail. */
  isDone(run: string, turn: string, fails: readonly string[]): boolean {
    const last = this.entries.findLast((each) => each.run === run && each.turn === turn);
    if (last === undefined || last.isLost) return false;
    return last.exit === null ? !fails.some((id) => turn.startsWith(id)) : last.exit === 'ok';
  }
}

/** From `run/turn.attempt`; null for a hook of one host, whose key ends in its transaction. */
export function turnOfKey(key: string): Pick<HookNotes, 'run' | 'turn'> | null {
  const [run = '', name = ''] = key.split('/');
  const turn = /^(.+)\.\d+$/.exec(name)?.[1];
  return turn === undefined || name.includes(`.${run}.`) ? null : { run, turn };
}

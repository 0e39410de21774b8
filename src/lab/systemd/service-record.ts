import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { NEVER_STARTED, showText, type UnitState } from './unit-state.js';

export interface RecordOptions {
  readonly name: string;
  /** Path of the unit file. */
  readonly file: string;
  /** Where the properties are kept for the `systemctl` shim to read. */
  readonly stateFile: string;
  readonly journal: string;
}

/** What `systemctl show` reports from a unit file. */
interface Description {
  readonly load: UnitState['load'];
  readonly type?: string;
  readonly restart?: string;
}

/** The visible part of a service: its properties, and the supervisor's lines in its journal. */
export class ServiceRecord {
  readonly #options: RecordOptions;
  #state: UnitState = NEVER_STARTED;
  #type = '';
  #restart = 'no';

  constructor(options: RecordOptions) {
    this.#options = options;
  }

  get state(): UnitState {
    return this.#state;
  }

  /** Applies the unit file; visible after the next {@link publish}. */
  describe({ load, type, restart }: Description): void {
    this.#state = { ...this.#state, load };
    this.#type = type ?? this.#type;
    this.#restart = restart ?? this.#restart;
  }

  publish(change: Partial<UnitState>): void {
    this.#state = { ...this.#state, ...change };
    const { name, file, stateFile } = this.#options;
    const unit = { name, path: file, type: this.#type, restart: this.#restart };
    const draft = `${stateFile}.new`;
    writeFileSync(draft, showText(unit, this.#state));
    renameSync(draft, stateFile);
  }

  /** systemd unloads an idle unit, and forgets all it knew of it. */
  unload(): void {
    const { load } = this.#state;
    this.publish({ ...NEVER_STARTED, load });
  }

  /** One line in the journal; as under systemd, the unit's name comes first, except for news of jobs. */
  log(message: string): void {
    const aboutJob = /^(Starting|Started|Finished|Stopping|Stopped|Failed to start) /.test(message);
    const { name, journal } = this.#options;
    appendFileSync(journal, `${aboutJob ? '' : `${name}: `}${message}\n`);
  }
}

import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { PreparedRelease } from '../../src/artifact/prepare.js';
import type { RunLocal } from '../../src/engine/hooks/local-command.js';
import { FleetError } from '../../src/errors/fleet-error.js';
import { createEventBus, type EventBus } from '../../src/events/bus.js';
import type { FleetEvent } from '../../src/events/event.js';
import { createHostClients, type HostClients } from '../../src/host/clients.js';
import type { Clock } from '../../src/model/clock.js';
import type { Host } from '../../src/model/hosts/host.js';
import { asRunId, type RunId } from '../../src/model/names.js';
import type { App } from '../../src/model/runs/app.js';
import type { ControlRequest } from '../../src/model/runs/control.js';
import type { Plan } from '../../src/model/runs/plan.js';
import { type Bastion, type Ending, FORKS } from './bastion.js';
import { PREPARED } from './fleet.js';
import type { Network } from './network.js';
import type { Random } from './random.js';
import type { SimProcess } from './sim-process.js';

export interface ControllerOptions {
  readonly process: SimProcess;
  readonly network: Network;
  readonly random: Random;
  readonly app: App;
  readonly hosts: readonly Host[];
  /** What this bastion knows of a run: false where it may be alive. */
  readonly isDead: (run: RunId) => boolean;
  readonly onPause: 'wait' | 'exit';
  readonly local: RunLocal;
  readonly hookIsDone: (run: RunId, turn: string) => boolean;
  /** Unique among all processes, for the names of recoveries. */
  readonly serial: number;
  /** Hears every event of this controller. */
  readonly onEvent: (run: RunId, event: FleetEvent, plan: Plan | null) => void;
}

/** A command of fleet in a process that may be stopped or killed, and all that the engine needs there. */
export class Controller implements Bastion {
  readonly process: SimProcess;
  readonly bus: EventBus;
  readonly run: RunId;
  readonly clock: Clock;
  readonly clients: HostClients;
  readonly interrupts = new AbortController();
  readonly detaches = new AbortController();
  readonly limit = pLimit(FORKS);
  /** What its journal holds, for whoever resumes the run. */
  readonly journal: FleetEvent[] = [];
  /** What its plan.json holds. */
  plan: Plan | null = null;
  readonly #o: ControllerOptions;
  readonly #control = new Set<(request: ControlRequest) => void>();
  ending: Ending | null = null;
  hasLock = true;

  constructor(options: ControllerOptions, run: string) {
    this.#o = options;
    this.process = options.process;
    for (const { signal } of [this.interrupts, this.detaches]) setMaxListeners(0, signal);
    this.run = asRunId(run);
    this.clock = options.process.clock();
    this.bus = createEventBus(this.clock.now);
    this.bus.subscribe((event) => {
      if (!this.process.alive) return;
      this.journal.push(event);
      options.onEvent(this.run, event, this.plan);
    });
    this.clients = createHostClients(
      options.hosts.map(
        ({ name }) => [name, options.network.client(options.process, name)] as const,
      ),
    );
  }

  get app(): App {
    return this.#o.app;
  }

  get prepared(): PreparedRelease {
    return PREPARED;
  }

  get hosts(): readonly Host[] {
    return this.#o.hosts;
  }

  get random(): () => number {
    return this.#o.random.next;
  }

  get onPause(): 'wait' | 'exit' {
    return this.#o.onPause;
  }

  get local(): RunLocal {
    return this.#o.local;
  }

  get hookIsDone(): (turn: string) => boolean {
    return (turn) => this.#o.hookIsDone(this.run, turn);
  }

  get isDead(): (run: RunId) => boolean {
    return this.#o.isDead;
  }

  /** A recovery is a run of its own, each time. */
  get recoveryRun(): RunId {
    return asRunId(`${this.run}-recovery${this.#o.serial}`);
  }

  keep(plan: Plan): void {
    this.plan = plan;
  }

  /** Begins a command; `ending` is set once it is over, and never if the process is killed. */
  start(command: (controller: Controller) => Promise<Ending>): void {
    command(this).then(
      (ending) => this.#end(ending),
      (error: unknown) => {
        const refused = error instanceof FleetError && error.code !== 'internal';
        this.#end(refused ? { kind: 'refused', error } : { kind: 'failed', error });
      },
    );
  }

  /** The first Ctrl-C. */
  interrupt(): void {
    const reason = new FleetError('interrupted', 'interrupted by Ctrl-C');
    this.process.deliver(() => this.interrupts.abort(reason));
  }

  /** What a person in another shell wants. */
  tell(action: ControlRequest['action']): void {
    this.process.deliver(() => {
      const request = { action, by: 'bob@bastion', at: this.clock.now().toISOString() };
      for (const listener of [...this.#control]) listener(request);
    });
  }

  onControl(listener: (request: ControlRequest) => void): () => void {
    this.#control.add(listener);
    return () => this.#control.delete(listener);
  }

  #end(ending: Ending): void {
    if (this.process.alive) this.ending = ending;
  }
}

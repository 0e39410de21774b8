import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { HostSurvey, ReadHost } from '../../src/engine/admit.js';
import { createCaller } from '../../src/engine/caller.js';
import { createEffects } from '../../src/engine/effects.js';
import { proposeDeploy, proposeRollback } from '../../src/engine/propose.js';
import { type Recovered, recoverHost, remedyFor } from '../../src/engine/recover.js';
import { runPlan } from '../../src/engine/run.js';
import { survey } from '../../src/engine/survey.js';
import { FleetError } from '../../src/errors/fleet-error.js';
import { createEventBus, type EventBus } from '../../src/events/bus.js';
import type { HostClient } from '../../src/host/client.js';
import type { App } from '../../src/model/app.js';
import type { Clock } from '../../src/model/clock.js';
import type { Host } from '../../src/model/host.js';
import { asRunId, type HostName, type RunId } from '../../src/model/names.js';
import type { Plan } from '../../src/model/plan.js';
import type { Conclusion } from '../../src/rollout/conclude.js';
import { PREPARED } from './fleet.js';
import type { Network } from './network.js';
import type { Random } from './random.js';
import type { SimProcess } from './sim-process.js';

/** How a command came to its end; `failed` is a bug of the engine. */
export type Ending =
  | { readonly kind: 'concluded'; readonly conclusion: Conclusion }
  | { readonly kind: 'refused'; readonly error: FleetError }
  | { readonly kind: 'recovered'; readonly hosts: readonly Recovered[] }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface ControllerOptions {
  readonly process: SimProcess;
  readonly network: Network;
  readonly random: Random;
  readonly app: App;
  readonly hosts: readonly Host[];
  /** Hears every event of this controller, with its run. */
  readonly onEvent: (run: RunId | null, event: Parameters<EventBus['emit']>[0]) => void;
}

/** A command of fleet, wired as `src/cli` wires it, in a process that may be stopped or killed. */
export class Controller {
  readonly process: SimProcess;
  readonly bus: EventBus;
  readonly run: RunId;
  readonly #interrupt = new AbortController();
  readonly #detach = new AbortController();
  readonly #clock: Clock;
  readonly #clients: ReadonlyMap<HostName, HostClient>;
  readonly #o: ControllerOptions;
  readonly #limit = pLimit(50);
  ending: Ending | null = null;

  constructor(options: ControllerOptions, run: string) {
    this.#o = options;
    this.process = options.process;
    for (const { signal } of [this.#interrupt, this.#detach]) setMaxListeners(0, signal);
    this.run = asRunId(run);
    this.#clock = options.process.clock();
    this.bus = createEventBus(this.#clock.now);
    this.bus.subscribe((event) => {
      if (this.process.alive) options.onEvent(this.run, event);
    });
    this.#clients = new Map(
      options.hosts.map(({ name }) => [name, options.network.client(options.process, name)]),
    );
  }

  /** Begins a command; `ending` is set once it is over, and never if the process is killed. */
  start(command: 'deploy' | 'rollback' | 'recover'): void {
    const work = command === 'recover' ? this.#recover() : this.#rollout(command);
    work.then(
      (ending) => this.#end(ending),
      (error: unknown) => {
        const refused = error instanceof FleetError && error.code !== 'internal';
        this.#end(refused ? { kind: 'refused', error } : { kind: 'failed', error });
      },
    );
  }

  /** The first Ctrl-C. */
  interrupt(): void {
    this.process.deliver(() => this.#interrupt.abort());
  }

  #end(ending: Ending): void {
    if (this.process.alive) this.ending = ending;
  }

  async #rollout(kind: 'deploy' | 'rollback'): Promise<Ending> {
    const plan = await this.plan(kind);
    const call = this.#caller();
    const warn = (message: string) => this.bus.emit({ type: 'warning', message });
    const archive = kind === 'deploy' ? PREPARED : null;
    const clock = this.#clock;
    const carryOut = createEffects({ plan, archive, call, clock, warn });
    const conclusion = await runPlan({
      plan,
      bus: this.bus,
      carryOut,
      clock,
      interrupt: this.#interrupt.signal,
      detach: this.#detach.signal,
    });
    return { kind: 'concluded', conclusion };
  }

  /** What a dry run shows: facts are read, and nothing else is done. */
  async plan(kind: 'deploy' | 'rollback'): Promise<Plan> {
    const { app } = this.#o;
    const proposal = {
      run: this.run,
      app,
      group: 'all',
      operator: 'ada@bastion',
      now: this.#clock.now(),
      surveys: await this.#survey(),
    };
    return kind === 'deploy'
      ? proposeDeploy(proposal, PREPARED, false)
      : proposeRollback(proposal, null, false).plan;
  }

  async #recover(): Promise<Ending> {
    const options = {
      app: this.#o.app,
      call: this.#caller(),
      now: this.#clock.now,
      signal: this.#detach.signal,
    };
    const surveys = await this.#survey();
    const hosts = await Promise.all(
      surveys.filter(isUndecided).map((read) => recoverHost(read, options)),
    );
    const unread = surveys.flatMap((each): readonly Recovered[] =>
      each.kind === 'read'
        ? []
        : [{ host: each.host.name, state: 'unknown', detail: each.failure.message }],
    );
    return { kind: 'recovered', hosts: [...hosts, ...unread] };
  }

  #survey(): Promise<readonly HostSurvey[]> {
    const { app, hosts } = this.#o;
    const signal = this.#detach.signal;
    const clients = this.#clients;
    return survey({ app, hosts, clients, bus: this.bus, limit: this.#limit, signal });
  }

  #caller() {
    const { random } = this.#o;
    return createCaller({
      clients: this.#clients,
      bus: this.bus,
      clock: this.#clock,
      random: random.next,
      limit: this.#limit,
    });
  }
}

function isUndecided(survey: HostSurvey): survey is HostSurvey & ReadHost & { kind: 'read' } {
  return survey.kind === 'read' && remedyFor(survey.facts) !== 'none';
}

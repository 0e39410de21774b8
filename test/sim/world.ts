import type { FleetEvent } from '../../src/events/event.js';
import { createHistoryRecorder } from '../../src/history/recorder.js';
import type { HistoryStore } from '../../src/history/store.js';
import { QUEUE_LIMITS } from '../../src/history/write-queue.js';
import type { HostName, RunId } from '../../src/model/names.js';
import type { Plan } from '../../src/model/runs/plan.js';
import { type Conductor, createConductor } from './conduct.js';
import { Controller } from './controller.js';
import { appFor, fleetOf, inventoryOf } from './fleet.js';
import { brokenStore, watchedStore } from './history-stores.js';
import type { Breakage, HostModel } from './host-model/host.js';
import type { Transition } from './host-model/transition.js';
import { judge, type Violation } from './invariants.js';
import { type Fate, Network, type SentCall } from './network.js';
import { createRandom, type Random } from './random.js';
import type { Scenario } from './scenario.js';
import { Scheduler } from './scheduler.js';
import { type LocalHook, simLocal } from './sim-hooks.js';
import { SimProcess } from './sim-process.js';
import { type Observation, Truth } from './truth.js';

/** Beside becoming healthy: two waits for the lock, and systemctl's own limit. */
const OVERDUE_MARGIN_MS = 300_000;

export interface WorldOptions {
  readonly broken?: ReadonlySet<Breakage> | undefined;
  /** Hears what happens, for a person who looks for the reason of a violation. */
  readonly trace?: ((line: string) => void) | undefined;
  readonly fateOf: (call: SentCall, world: World) => Fate;
}

/** Hosts, a network, a bastion and the checkers over all of them. */
export class World {
  readonly scheduler = new Scheduler();
  readonly random: Random;
  readonly hosts: ReadonlyMap<HostName, HostModel>;
  readonly network: Network;
  readonly truth: Truth;
  readonly scenario: Scenario;
  readonly controllers: Controller[] = [];
  /** What goes on after the first controller, for the first time. */
  successor: Controller | null = null;
  /** What must not have happened, in the order in which it did. */
  readonly violations: Violation[] = [];
  /** When the last deadline of a transaction, with its margin, is over. */
  lastDeadline = 0;
  /** Calls that were sent, and changes of hosts. */
  readonly counts = { calls: 0, transitions: 0 };
  readonly #o: WorldOptions;
  readonly #conduct: Conductor;

  constructor(scenario: Scenario, options: WorldOptions) {
    this.scenario = scenario;
    this.#o = options;
    this.random = createRandom(scenario.seed);
    this.#conduct = createConductor(scenario);
    const around = {
      scheduler: this.scheduler,
      random: this.random,
      observe: (transition: Transition) => this.#transition(transition),
      conduct: this.#conduct.of,
    };
    this.hosts = fleetOf(scenario, around, options.broken);
    this.truth = new Truth(this.hosts);
    this.network = new Network(this.scheduler, this.random, this.hosts, {
      sent: (call) => {
        this.counts.calls += 1;
        const { host, steps, process } = call;
        const sender = this.controllers.find((each) => each.process === process);
        this.see({ kind: 'sent', by: sender?.run ?? null, host, steps });
        return options.fateOf(call, this);
      },
      answered: ({ host, steps }, outcome) => this.see({ kind: 'answered', host, steps, outcome }),
    });
  }

  /** A host by its number. */
  hostAt(index: number): HostModel {
    const host = [...this.hosts.values()][index % this.hosts.size];
    if (host === undefined) throw new Error('a world has hosts');
    return host;
  }

  /** A new process of fleet; one on another bastion does not know which of these runs are dead. */
  controller(run: string, bastion: 'first' | 'other' = 'first'): Controller {
    const process = new SimProcess(this.scheduler);
    const { network, random, scenario } = this;
    const onEvent = (id: RunId, event: FleetEvent, plan: Plan | null): void => {
      this.see({ kind: 'event', run: id, event, plan });
      if (event.type === 'paused') this.#letGoOn(controller);
    };
    const isDead = (id: RunId): boolean => {
      const processes = this.controllers.filter(
        (other) => other.run === id && other !== controller,
      );
      return bastion === 'first' && processes.length > 0 && processes.every(isOver);
    };
    const { onPause } = scenario;
    const app = appFor(scenario);
    const hosts = inventoryOf(scenario);
    const serial = this.controllers.length;
    const { scheduler } = this;
    const see = (hook: LocalHook): void => this.see({ kind: 'local-hook', hook });
    const local = simLocal({ process, scheduler, random, scenario, see });
    const hookIsDone = (id: RunId, turn: string): boolean =>
      this.truth.hooks.isDone(id, turn, scenario.hooks?.fails ?? []);
    const around = { process, network, random, app, hosts, local, hookIsDone };
    const options = { ...around, isDead, onPause, serial, onEvent };
    const controller = new Controller(options, run);
    if (serial === 0 && scenario.dryRun) this.truth.dryRuns.add(controller.run);
    this.#readEvents(controller);
    this.controllers.push(controller);
    return controller;
  }

  /** Readers beside the run: none of them changes it. */
  #readEvents(controller: Controller): void {
    const { bus, run } = controller;
    for (const fault of this.scenario.faults) {
      if (fault.kind === 'store-down') keepHistory(controller, brokenStore(fault.how));
      if (fault.kind === 'reader-throws') bus.subscribe(throwing);
    }
    if (!this.truth.dryRuns.has(run)) return;
    keepHistory(
      controller,
      watchedStore(() => this.see({ kind: 'stored', run })),
    );
  }

  /** Sooner or later someone agrees. */
  #letGoOn(controller: Controller): void {
    this.scheduler.after(this.random.between(1000, 150_000), () => controller.tell('resume'));
  }

  get violation(): Violation | null {
    return this.violations[0] ?? null;
  }

  /** Lets every checker look at what has just happened. */
  see(seen: Observation): void {
    this.#o.trace?.(describe(this.scheduler.now, seen));
    this.truth.now = this.scheduler.now;
    const found = judge(this.truth, seen, this.scheduler.now);
    if (found.length > 0) this.violations.push(...found);
    this.truth.record(seen);
  }

  #transition(transition: Transition): void {
    this.counts.transitions += 1;
    this.see({ kind: 'transition', transition });
    if (transition.kind === 'unit-started') this.#conduct.onStart(this);
    const { actor, host } = transition;
    if (actor === null || !arms(transition, this.hosts.get(host))) return;
    const arming = this.truth.noteArming(host);
    const { confirmDeadlineMs, healthyDeadlineMs } = this.scenario.policy;
    const margin = confirmDeadlineMs + healthyDeadlineMs + OVERDUE_MARGIN_MS;
    const { txn } = actor;
    this.lastDeadline = this.scheduler.now + margin;
    this.scheduler.after(margin, () => this.see({ kind: 'overdue', host, txn, arming }));
  }
}

/** A host is armed before its switch, and again where it is rolled back after its confirmation. */
function arms(transition: Transition, host: HostModel | undefined): boolean {
  if (transition.kind !== 'phase') return false;
  const { before, after, actor } = transition;
  if (actor?.verb === 'arm') return true;
  const reopened = actor?.verb === 'revert' && (before === 'idle' || before === 'down');
  return reopened && after === 'reverting' && host?.disk.state.switch !== null;
}

function throwing(): never {
  throw new Error('a reader of events has failed');
}

function keepHistory({ bus }: Controller, store: HistoryStore): void {
  bus.subscribe(createHistoryRecorder({ open: async () => store, limits: AT_ONCE }).listener);
}

/** Virtual time does not pass for a store: whatever waits for it is over soon. */
const AT_ONCE = { ...QUEUE_LIMITS, openMs: 1, writeMs: 1, pauseMs: 1, longestPauseMs: 1 };

/** Its process has ended, well or not. */
export const isOver = ({ process, ending }: Controller): boolean =>
  !process.alive || ending !== null;

function describe(now: number, seen: Observation): string {
  const at = `${(now / 1000).toFixed(3).padStart(9)}  `;
  switch (seen.kind) {
    case 'transition': {
      const { host, actor, kind, ...rest } = seen.transition;
      const by = actor === null ? '' : ` by ${actor.verb}(${actor.by} ${actor.run}/${actor.epoch})`;
      return `${at}${host} ${kind} ${JSON.stringify(rest)}${by}`;
    }
    case 'event': {
      if (seen.event.type === 'run-started') return `${at}${seen.run} run-started`;
      return `${at}${seen.run} ${JSON.stringify(seen.event)}`;
    }
    case 'sent':
      return `${at}${seen.host} <- ${seen.steps.map(({ verb }) => verb).join('+')}`;
    case 'answered': {
      const { outcome } = seen;
      const why =
        outcome.kind === 'ok' ? '' : ` ${outcome.failure.code} ${outcome.failure.message}`;
      return `${at}${seen.host} -> ${outcome.kind}${why}`;
    }
    case 'overdue':
      return `${at}${seen.host} overdue ${seen.txn}`;
    case 'local-hook':
      return `${at}local hook ${JSON.stringify(seen.hook)}`;
    case 'stored':
      return `${at}${seen.run} writes to the history`;
  }
}

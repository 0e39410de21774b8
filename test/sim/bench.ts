import { watchOf } from '../../src/engine/run/calls/activation-timeouts.js';
import { describeCall } from '../../src/engine/run/calls/effect-table.js';
import { stepsAt } from '../../src/engine/run/calls/host-call.js';
import type { CallOutcome } from '../../src/host/client.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { claimStep, type Ownership, revertStep } from '../../src/host/steps/steps.js';
import type { Plan } from '../../src/model/runs/plan.js';
import { planView } from '../../src/model/runs/plan-view.js';
import { planOf, surveyOf } from './commands.js';
import type { Controller } from './controller.js';
import { PREPARED } from './fleet.js';
import type { Breakage } from './host-model/host.js';
import type { Scenario } from './scenario.js';
import { PLAIN } from './scenarios.js';
import { World } from './world.js';

const NOW = '2026-03-01T12:00:00.000Z';

/** A controller that does what it is told, right or wrong, to see what the checkers say of it. */
export class Bench {
  readonly world: World;
  readonly plan: Plan;
  readonly #controller: Controller;

  private constructor(world: World, controller: Controller, plan: Plan) {
    this.world = world;
    this.plan = plan;
    this.#controller = controller;
  }

  /** Five hosts in three waves, of which two may be out at once; the run has begun. */
  static async open(...broken: readonly Breakage[]): Promise<Bench> {
    return Bench.over(PLAIN, broken);
  }

  /** The same over the hosts of a scenario. */
  static async over(scenario: Scenario, broken: readonly Breakage[] = []): Promise<Bench> {
    const world = new World(scenario, { broken: new Set(broken), fateOf: () => ({}) });
    const controller = world.controller('run1');
    const plan = await settle(world, () =>
      surveyOf(controller).then((surveys) => planOf(controller, 'deploy', surveys)),
    );
    const bench = new Bench(world, controller, plan);
    controller.keep(plan);
    const view = planView(plan);
    controller.bus.emit({ type: 'run-started', run: plan.run, kind: plan.kind, plan: view });
    return bench;
  }

  /** The invariants that were broken so far. */
  get violated(): readonly string[] {
    return this.world.violations.map(({ invariant }) => invariant);
  }

  by(index: number): Ownership {
    const { run, hosts } = this.plan;
    const { epoch = 0, txn = '' } = hosts[index] ?? {};
    return { epoch, run, txn };
  }

  emit: Controller['bus']['emit'] = (event) => this.#controller.bus.emit(event);

  /** One call to the host of that place in the plan. */
  call(index: number, ...steps: readonly Step[]): Promise<CallOutcome> {
    return settle(this.world, () => this.#send(index, steps));
  }

  /** The same on several hosts at once. */
  async callAll(indices: readonly number[], steps: (index: number) => readonly Step[]) {
    return settle(this.world, () => Promise.all(indices.map((i) => this.#send(i, steps(i)))));
  }

  /** Claims and stages on every host. */
  async ready(): Promise<void> {
    const all = this.plan.hosts.map((_, index) => index);
    await this.callAll(all, (index) => [this.claim(index)]);
    await this.callAll(all, (index) => this.stage(index));
  }

  claim(index: number, by = this.by(index)): Step {
    const expect = this.plan.hosts[index]?.from ?? null;
    return claimStep(by, { owner: 'ada@bastion', leaseMs: 60_000, expect });
  }

  stage(index: number): readonly Step[] {
    return this.#sentFor('stage', index);
  }

  /** Arm, activate, verify. */
  switching(index: number): readonly Step[] {
    return this.#sentFor('switch', index);
  }

  revert(index: number, by = this.by(index)): Step {
    return revertStep(by, NOW, watchOf(this.plan.app));
  }

  confirm(index: number): readonly Step[] {
    return this.#sentFor('confirm', index);
  }

  /** Lets time go on until every deadline is over. */
  async wait(): Promise<void> {
    await this.world.scheduler.run(() => false, this.world.lastDeadline);
  }

  /** What the engine sends for an effect. */
  #sentFor(kind: 'stage' | 'switch' | 'confirm', index: number): readonly Step[] {
    const { plan } = this;
    const host = plan.hosts[index];
    if (host === undefined) throw new Error(`no host ${index}`);
    const effect = { kind, host: host.host.name };
    return stepsAt(describeCall(effect, { plan, host, archive: PREPARED }), NOW);
  }

  #send(index: number, steps: readonly Step[]): Promise<CallOutcome> {
    const name = this.plan.hosts[index]?.host.name;
    if (name === undefined) throw new Error(`no host ${index}`);
    return this.#controller.clients.of(name).run(steps, { timeoutMs: 600_000 });
  }
}

async function settle<T>(world: World, work: () => Promise<T>): Promise<T> {
  let over = false;
  const result = work().finally(() => {
    over = true;
  });
  world.scheduler.wake();
  await world.scheduler.run(() => over, Number.POSITIVE_INFINITY);
  return result;
}

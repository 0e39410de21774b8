import type { CallOutcome } from '../../src/host/client.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { asHostName } from '../../src/model/names.js';
import { FAILING_HOOK } from './conformance-op.js';
import { HostModel } from './host-model/host.js';
import { GOOD } from './host-model/unit.js';
import { Network } from './network.js';
import { createRandom } from './random.js';
import { Scheduler } from './scheduler.js';
import { SimProcess } from './sim-process.js';

/** The one unit of the app. */
export const UNIT = 'shop.service';

/** The model of a host behind a network in which nothing goes wrong. */
export class ModelHost {
  readonly #scheduler = new Scheduler();
  readonly #process = new SimProcess(this.#scheduler);
  readonly #random = createRandom(1);
  starts = true;
  readonly host = new HostModel(
    {
      scheduler: this.#scheduler,
      random: this.#random,
      observe: () => undefined,
      conduct: () => ({ ...GOOD, starts: this.starts }),
    },
    { name: asHostName('h1'), units: [UNIT], restart: 'no', tiers: ['system'], guarded: false },
  );
  readonly #client = new Network(
    this.#scheduler,
    this.#random,
    new Map([[this.host.name, this.host]]),
    { sent: () => ({}), answered: () => undefined },
  ).client(this.#process, this.host.name);

  constructor() {
    // It has been up for long, as the machine of the test has.
    this.host.bootedAt = -1e9;
    this.host.failingHooks = [FAILING_HOOK];
  }

  async run(steps: readonly Step[]): Promise<CallOutcome> {
    let outcome: CallOutcome | null = null;
    const running = this.#client.run(steps, { timeoutMs: 10_000_000 }).then((ended) => {
      outcome = ended;
    });
    this.#scheduler.wake();
    await this.#scheduler.run(() => outcome !== null, Number.POSITIVE_INFINITY);
    await running;
    if (outcome === null) throw new Error('a call that does not end');
    return outcome;
  }
}

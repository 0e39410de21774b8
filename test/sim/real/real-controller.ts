import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { localRunner } from '../../../src/engine/hooks/local-command.js';
import { FleetError } from '../../../src/errors/fleet-error.js';
import { createEventBus } from '../../../src/events/bus.js';
import type { FleetEvent } from '../../../src/events/event.js';
import { type CallOutcome, createHostClient, type HostClient } from '../../../src/host/client.js';
import { createHostClients, type HostClients } from '../../../src/host/clients.js';
import { loadHostProgram } from '../../../src/host/program.js';
import type { Clock } from '../../../src/model/clock.js';
import { asHostName, asRunId, type RunId } from '../../../src/model/names.js';
import type { App } from '../../../src/model/runs/app.js';
import type { Plan } from '../../../src/model/runs/plan.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';
import type { FakeHost } from '../../host/support/fake-host.js';
import { localConnection } from '../../host/support/local-connection.js';
import { type Bastion, type Ending, FORKS } from '../bastion.js';
import type { Command } from '../commands.js';
import { type CrashMode, hostNameOf } from '../scenario.js';
import { REAL_RELEASE } from './real-fleet.js';
import { HOOKED, hookBegan, hookLogOf } from './real-hooks.js';

/** Where a controller is killed: at its nth call, from 1. */
export interface Crash {
  readonly call: number;
  readonly mode: CrashMode;
}

const count = (number: number) => ({ kind: 'count', count: number }) as const;
/** Five hosts make three waves, and none waits for its health. */
const APP = appOf({
  waves: { kind: 'sizes', sizes: [count(1), count(2), { kind: 'rest' }] },
  maxUnavailable: count(2),
  minHealthyMs: 0,
});

/** How a run of the app is: plain, or with hooks and a backup at every place. */
export type Style = 'plain' | 'hooked';

/** What a controller is, and where it is killed. */
export interface RealRun {
  readonly name: string;
  readonly style: Style;
  readonly crash?: Crash | undefined;
}

/** The engine on real hosts, by real clients, in a process that can be killed at any of its calls. */
export class RealController implements Bastion {
  readonly run: RunId;
  readonly recoveryRun: RunId;
  readonly app: App;
  readonly prepared = REAL_RELEASE;
  readonly hosts;
  readonly clients: HostClients;
  readonly limit = pLimit(FORKS);
  readonly bus = createEventBus(() => new Date());
  readonly clock: Clock;
  readonly random = () => 0.5;
  readonly interrupts = new AbortController();
  readonly detaches = new AbortController();
  readonly onPause = 'wait';
  readonly hasLock = true;
  readonly local;
  readonly hookIsDone: (turn: string) => boolean;
  /** Whoever came before is known to be gone. */
  readonly isDead = () => true;
  readonly onControl = () => () => undefined;
  /** What its journal holds. */
  readonly journal: FleetEvent[] = [];
  plan: Plan | null = null;
  calls = 0;
  #alive = true;
  #lastCall = false;
  #die: () => void = () => undefined;
  readonly #died: Promise<null>;
  readonly #underWay: Promise<unknown>[] = [];
  readonly #hangUp: (() => Promise<void>)[] = [];
  readonly #sleeping = new Set<NodeJS.Timeout>();
  readonly #crash: Crash | null;

  constructor({ name, style, crash }: RealRun, hosts: readonly FakeHost[]) {
    this.run = asRunId(name);
    this.recoveryRun = asRunId(`${name}-recovery${process.hrtime.bigint()}`);
    this.#crash = crash ?? null;
    this.app = style === 'hooked' ? { ...APP, ...HOOKED } : APP;
    this.local = localRunner({ ...process.env, HOOK_LOG: hookLogOf(hosts) });
    // One that has begun goes on without its controller.
    this.hookIsDone = (turn) => hookBegan(hosts, turn);
    this.hosts = hosts.map((_, index) => hostFixture(hostNameOf(index)));
    this.clients = createHostClients(
      hosts.map((host, index) => [asHostName(hostNameOf(index)), this.#client(host)] as const),
    );
    this.#died = new Promise((resolve) => {
      this.#die = () => resolve(null);
    });
    this.clock = {
      now: () => new Date(),
      monotonicMs: () => performance.now(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
    for (const { signal } of [this.interrupts, this.detaches]) setMaxListeners(0, signal);
    this.bus.subscribe((event) => {
      if (this.#alive) this.journal.push(event);
    });
  }

  keep(plan: Plan): void {
    if (this.#alive) this.plan = plan;
  }

  /** Does the command; null where it is killed before its end. */
  async do(command: Command): Promise<Ending | null> {
    const ending = await Promise.race([command(this).catch(refusalOf), this.#died]);
    this.#alive = false;
    for (const timer of this.#sleeping) clearTimeout(timer);
    return ending;
  }

  /** Waits for the steps that its end has left behind on the hosts, and hangs up. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await Promise.all(this.#hangUp.map((hangUp) => hangUp()));
  }

  #kill(): void {
    this.#alive = false;
    this.#die();
  }

  #client({ env, root }: FakeHost): HostClient {
    const connection = localConnection({ env, ownGroup: true });
    this.#hangUp.push(() => connection.close());
    const client = createHostClient({ connect: connection, root, program: loadHostProgram() });
    return {
      run: async (steps, options) => {
        if (this.#lastCall) this.#kill();
        if (!this.#alive) return never;
        this.calls += 1;
        const mode = this.#crash?.call === this.calls ? this.#crash.mode : null;
        if (mode === 'unsent') {
          this.#kill();
          return never;
        }
        const { onEvent, ...rest } = options;
        const answer = client.run(steps, {
          ...rest,
          onEvent: (event) => {
            if (this.#alive) onEvent?.(event);
          },
        });
        this.#underWay.push(answer);
        if (mode === 'answer-lost') {
          await answer;
          this.#kill();
        }
        return this.#hear(answer, mode === 'applied');
      },
    };
  }

  /** A killed process hears nothing; one that is about to be takes this answer in, and sends no more. */
  async #hear(answer: Promise<CallOutcome>, isLast: boolean): Promise<CallOutcome> {
    const outcome = await answer;
    if (!this.#alive) return never;
    if (isLast) {
      this.#lastCall = true;
      setImmediate(() => this.#kill());
    }
    return outcome;
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#sleeping.delete(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#sleeping.add(timer);
      signal?.addEventListener('abort', end, { once: true });
    });
  }
}

/** The engine throws refusals, and nothing else. */
function refusalOf(error: unknown): Ending {
  if (error instanceof FleetError) return { kind: 'refused', error };
  throw error;
}

const never = new Promise<never>(() => undefined);

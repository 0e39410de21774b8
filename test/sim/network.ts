import type { CallOptions, HostClient, StepOutcome } from '../../src/host/client.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import type { HostName } from '../../src/model/names.js';
import type { HostModel } from './host-model/host.js';
import type { Random } from './random.js';
import type { CrashMode, CutPoint } from './scenario.js';
import type { Scheduler } from './scheduler.js';
import { SimCall } from './sim-call.js';
import type { SimProcess } from './sim-process.js';

/** What befalls one call. */
export interface Fate {
  readonly cut?: { readonly point: CutPoint; readonly pause: number } | undefined;
  readonly crash?: CrashMode | undefined;
  readonly stall?: { readonly pause: number; readonly ms: number } | undefined;
  readonly reboot?:
    | { readonly pause: number; readonly downMs: number; readonly power: boolean }
    | undefined;
}

/** What is heard of calls, and decided about them. */
export interface CallHooks {
  /** A call is about to be sent; `nth` counts those to this host, from 1. */
  readonly sent: (call: SentCall) => Fate;
  /** Its outcome reaches the controller. */
  readonly answered: (call: SentCall, outcome: StepOutcome) => void;
}

export interface SentCall {
  readonly process: SimProcess;
  readonly host: HostName;
  readonly nth: number;
  readonly steps: readonly Step[];
}

/** The network between the bastion and the hosts. */
export class Network {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly hooks: CallHooks;
  readonly #hosts: ReadonlyMap<HostName, HostModel>;
  /** Until when hosts cannot be reached. */
  readonly #outages = new Map<HostName, number>();
  readonly #calls = new Map<HostName, number>();
  readonly #open = new Set<SimCall>();

  constructor(
    scheduler: Scheduler,
    random: Random,
    hosts: ReadonlyMap<HostName, HostModel>,
    hooks: CallHooks,
  ) {
    this.scheduler = scheduler;
    this.random = random;
    this.hooks = hooks;
    this.#hosts = hosts;
  }

  reaches(host: HostModel): boolean {
    return host.up && (this.#outages.get(host.name) ?? 0) <= this.scheduler.now;
  }

  /** Cuts a host off for so long; calls that are under way are lost. */
  cutOff(host: HostName, ms: number): void {
    this.#outages.set(host, this.scheduler.now + ms);
    for (const call of [...this.#open]) if (call.host.name === host) call.lose();
  }

  /** A client of one host, as a process on the bastion has it. */
  client(process: SimProcess, name: HostName): HostClient {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    const link = { connected: false };
    return {
      run: (steps: readonly Step[], options: CallOptions) => {
        if (process.killAtNextCall) process.kill();
        if (!process.alive) return process.promise(() => undefined);
        process.calls += 1;
        const nth = (this.#calls.get(name) ?? 0) + 1;
        this.#calls.set(name, nth);
        const sent: SentCall = { process, host: name, nth, steps };
        const fate = this.hooks.sent(sent);
        return process.promise<StepOutcome>((settle) => {
          const call = new SimCall({ network: this, host, link, sent, options, fate, settle });
          this.#open.add(call);
          call.begin(() => this.#open.delete(call));
        });
      },
    };
  }
}

import type { ErrorCode } from '../../src/errors/codes.js';
import type { CallOptions, CallOutcome } from '../../src/host/client.js';
import { judgeExec } from '../../src/host/judge.js';
import type { ExecOutcome } from '../../src/transport/port.js';
import type { HostModel } from './host-model/host.js';
import { ProgramRun } from './host-model/program.js';
import { StepProcess } from './host-model/step-process.js';
import { runVerbs } from './host-model/verbs.js';
import type { Fate, Network, SentCall } from './network.js';
import type { Pending } from './scheduler.js';

export interface SimCallOptions {
  readonly network: Network;
  readonly host: HostModel;
  /** The connection of this client: one a host and run. */
  readonly link: { connected: boolean };
  readonly sent: SentCall;
  readonly options: CallOptions;
  readonly fate: Fate;
  readonly settle: (outcome: CallOutcome) => void;
}

/** How long a dead connection may go unnoticed. */
const KEEPALIVE_MS = 45_000;
const CONNECT_TIMEOUT_MS = 15_000;

/** One call on its way: connect, send, run on the host, answer. Any of them may fail. */
export class SimCall {
  readonly host: HostModel;
  readonly #o: SimCallOptions;
  readonly #program: ProgramRun;
  #settled = false;
  /** How many events came before the connection was lost; null while it is there. */
  #heard: number | null = null;
  #closed: () => void = () => undefined;
  #timeout: Pending | null = null;
  readonly #abort = (): void => this.#end({ kind: 'aborted' });

  constructor(options: SimCallOptions) {
    this.#o = options;
    this.host = options.host;
    this.#program = new ProgramRun(options.host);
  }

  begin(closed: () => void): void {
    this.#closed = closed;
    const { network, options, sent, fate, link } = this.#o;
    const { signal, timeoutMs } = options;
    if (signal?.aborted) return this.#end({ kind: 'aborted' });
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (fate.crash === 'unsent') return sent.process.kill();
    this.#timeout = network.scheduler.after(timeoutMs, () =>
      this.#end({ kind: 'timed-out', ...NO_TEXT }),
    );
    const handshake = link.connected ? 0 : network.random.between(20, 120);
    network.scheduler.after(handshake, () => this.#connect());
    if (fate.crash === 'answer-lost') sent.process.kill();
  }

  /** The connection ends; the controller may notice at once, or when no keepalive comes back. */
  lose(): void {
    this.#o.link.connected = false;
    this.#program.connected = false;
    this.#heard ??= this.#program.events.length;
    const { random, scheduler } = this.#o.network;
    const noticed = random.next() < 0.5 ? random.between(0, 50) : random.between(0, KEEPALIVE_MS);
    const outcome = { kind: 'lost', message: 'the connection was lost', ...NO_TEXT } as const;
    scheduler.after(noticed, () => this.#end(outcome));
  }

  #connect(): void {
    if (this.#settled) return;
    const { network, link, fate } = this.#o;
    if (!link.connected && !network.reaches(this.host)) return this.#fail();
    link.connected = true;
    const arrival = network.random.between(1, 30);
    network.scheduler.after(arrival, () => {
      if (fate.cut?.point === 'unsent' || !network.reaches(this.host)) this.lose();
      else if (!this.#settled) this.#execute();
    });
  }

  /** Nothing was sent: the host did not even answer. */
  #fail(): void {
    const { random, scheduler } = this.#o.network;
    const slow = random.next() < 0.5;
    const code: ErrorCode = slow ? 'connect_timeout' : 'unreachable';
    const failure = { code, message: 'no connection' };
    scheduler.after(slow ? CONNECT_TIMEOUT_MS : 5, () =>
      this.#settle({ kind: 'failed', failure, events: [], replies: [] }),
    );
  }

  #execute(): void {
    const program = this.#program;
    const process = new StepProcess(this.host, runVerbs(program, this.#o.sent.steps), (how) => {
      if (how === 'vanished') this.lose();
      else this.#answer();
    });
    program.process = process;
    process.onPause = (count) => this.#strike(process, count);
    process.begin();
  }

  #strike(process: StepProcess, count: number): void {
    const { cut, stall, reboot } = this.#o.fate;
    if (cut?.point === 'during' && cut.pause === count) this.lose();
    if (stall?.pause === count) process.stall(stall.ms);
    if (reboot?.pause === count) {
      this.host.reboot(reboot.downMs, reboot.power ? 'power' : 'clean');
    }
  }

  #answer(): void {
    const { network, fate, sent } = this.#o;
    if (!this.#program.connected) return;
    if (fate.cut?.point === 'answer' || !network.reaches(this.host)) return this.lose();
    const { exit: code } = this.#program;
    const outcome = { kind: 'exited', code, ...NO_TEXT } as const;
    network.scheduler.after(network.random.between(1, 30), () => {
      this.#end(outcome);
      if (fate.crash !== 'applied') return;
      // It takes the answer in, and is gone before it sends anything else.
      sent.process.killAtNextCall = true;
      network.scheduler.after(0, () => sent.process.kill());
    });
  }

  #end(outcome: ExecOutcome): void {
    const { replies } = this.#program;
    const events = this.#program.events.slice(0, this.#heard ?? undefined);
    const heard = { events, replies, journal: [], isStatus: false, malformed: null, noise: null };
    const transcript = { ...heard, read: () => undefined, isEmpty: () => events.length === 0 };
    this.#settle(judgeExec(this.#o.sent.steps, outcome, transcript));
  }

  #settle(outcome: CallOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#closed();
    this.#timeout?.cancel();
    this.#o.options.signal?.removeEventListener('abort', this.#abort);
    const { sent, network, options, settle } = this.#o;
    sent.process.deliver(() => {
      network.hooks.answered(sent, outcome);
      for (const event of outcome.events) options.onEvent?.(event);
      settle(outcome);
    });
  }
}

const NO_TEXT = { stdout: '', stderr: '', truncated: false } as const;

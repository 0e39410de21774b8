import type { Readable } from 'node:stream';
import type { Connection, ConnectOutcome, ExecOutcome } from '../transport/port.js';
import { installCommand, runCommand, transientCommand } from './command.js';
import { judgeExec, judgeInstall } from './judge.js';
import type { StepOutcome } from './outcome.js';
import type { HostProgram } from './program.js';
import { STEP_EXIT, type Step, type Verb } from './protocol.js';
import type { HostEvent } from './reply.js';
import { createTranscript, type Transcript } from './transcript.js';

export type { StepOutcome } from './outcome.js';

export interface HostClientOptions {
  /** The connection, or how to get one; it is asked for at the first call, and again once it has ended. */
  readonly connect: Connection | (() => Promise<ConnectOutcome>);
  /** The app's root on the host: absolute, or `~/…`. */
  readonly root: string;
  readonly program: HostProgram;
}

export interface RunOptions {
  /** What `stage` reads. A stream is read once: the program has to be on the host by then. */
  readonly payload?: Uint8Array | Readable | undefined;
  /** For the whole call, in milliseconds. */
  readonly timeoutMs: number;
  readonly onEvent?: ((event: HostEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One host, spoken to in steps. Nothing here throws for what a host does. */
export interface HostClient {
  /** Runs the steps in one call, which ends at the first that fails. */
  run(steps: readonly Step[], options: RunOptions): Promise<StepOutcome>;
}

/** Verbs that only read: a host that has no program yet is asked without leaving one there. */
const READING: ReadonlySet<Verb> = new Set<Verb>(['facts', 'status', 'probe']);

/**
 * A client of one host and app. In the normal case a call is one exec. Where the host has not the
 * program yet, steps that only read carry it on stdin and leave nothing; others store it first.
 */
export function createHostClient(options: HostClientOptions): HostClient {
  const connection = createConnector(options.connect);
  // What the last call found; another controller may change it, so it only saves a round trip.
  let missing = false;
  return {
    async run(steps, runOptions) {
      const connected = await connection();
      if (connected.kind === 'failed') {
        return { kind: 'failed', failure: connected.failure, events: [], replies: [] };
      }
      const call = new Call(connected.connection, options, steps, runOptions);
      if (!missing) {
        const outcome = await call.present();
        if (outcome !== 'missing') return outcome;
      }
      const reading = steps.every((step) => READING.has(step.verb));
      missing = reading;
      return reading ? call.transient() : call.install();
    },
  };
}

function createConnector(connect: HostClientOptions['connect']): () => Promise<ConnectOutcome> {
  if (typeof connect !== 'function') {
    return async () => ({ kind: 'connected', connection: connect });
  }
  let last: Connection | undefined;
  return async () => {
    if (last?.open) return { kind: 'connected', connection: last };
    const outcome = await connect();
    if (outcome.kind === 'connected') last = outcome.connection;
    return outcome;
  };
}

/** The ways to send one call. */
class Call {
  readonly #connection: Connection;
  readonly #target: HostClientOptions;
  readonly #steps: readonly Step[];
  readonly #options: RunOptions;

  constructor(
    connection: Connection,
    target: HostClientOptions,
    steps: readonly Step[],
    options: RunOptions,
  ) {
    this.#connection = connection;
    this.#target = target;
    this.#steps = steps;
    this.#options = options;
  }

  async present(): Promise<StepOutcome | 'missing'> {
    const { program, root } = this.#target;
    const transcript = createTranscript(this.#options.onEvent);
    const command = runCommand(program, root, this.#steps);
    const outcome = await this.#exec(command, this.#options.payload, transcript);
    const absent = outcome.kind === 'exited' && outcome.code === STEP_EXIT.missing;
    if (absent && transcript.isEmpty()) return 'missing';
    return judgeExec(this.#steps, outcome, transcript);
  }

  async transient(): Promise<StepOutcome> {
    const { program, root } = this.#target;
    const transcript = createTranscript(this.#options.onEvent);
    const command = transientCommand(root, this.#steps);
    const outcome = await this.#exec(command, Buffer.from(program.text), transcript);
    return judgeExec(this.#steps, outcome, transcript);
  }

  /** One exec stores the program and runs the steps, save where the steps need stdin themselves. */
  async install(): Promise<StepOutcome> {
    const { program, root } = this.#target;
    const payload = this.#options.payload !== undefined;
    const transcript = createTranscript(this.#options.onEvent);
    const command = installCommand(program, root, payload ? [] : this.#steps);
    const outcome = await this.#exec(command, Buffer.from(program.text), transcript);
    const refusal = judgeInstall(outcome, root);
    if (refusal !== undefined) return refusal;
    if (!payload) return judgeExec(this.#steps, outcome, transcript);
    const again = await this.present();
    return again === 'missing' ? judgeExec(this.#steps, outcome, transcript) : again;
  }

  #exec(
    command: string,
    stdin: Uint8Array | Readable | undefined,
    transcript: Transcript,
  ): Promise<ExecOutcome> {
    return this.#connection.exec(command, {
      timeoutMs: this.#options.timeoutMs,
      onLine: (line) => transcript.read(line),
      keepBytes: 65_536,
      signal: this.#options.signal,
      ...(stdin === undefined ? {} : { stdin }),
    });
  }
}

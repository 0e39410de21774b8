import type { Readable } from 'node:stream';
import type { Identity } from '../model/hosts/identity.js';
import type { ServerOffer } from '../transport/algorithms/server-offer.js';
import type { Connection, ConnectOutcome } from '../transport/port.js';
import { type CallChannel, createCallChannel } from './channel/call-channel.js';
import { CALL_BYTES, type CallEnd, KEPT_STDERR_BYTES } from './channel/call-end.js';
import {
  installCommand,
  runCommand,
  serveCommand,
  stepWords,
  transientCommand,
} from './command.js';
import { judgeExec, judgeInstall } from './judge.js';
import type { StepOutcome } from './outcome.js';
import type { HostProgram } from './program.js';
import { STEP_EXIT, type Step } from './protocol/protocol.js';
import { VERB_TRAITS } from './protocol/verb-traits.js';
import type { HostEvent } from './reply/reply.js';
import { createTranscript, type Transcript } from './reply/transcript.js';
import { explainSilence } from './silent-shell.js';
import { signedSteps } from './steps/signed-steps.js';

export type { StepOutcome } from './outcome.js';

export interface HostClientOptions {
  /** The connection, or how to get one: called at the first call, and again once it has ended. */
  readonly connect: Connection | (() => Promise<ConnectOutcome>);
  /** The app's root on the host: absolute, or `~/…`. */
  readonly root: string;
  readonly program: HostProgram;
  /** The operator, for the host's log. */
  readonly by?: Identity | undefined;
}

export interface CallOptions {
  /**
   * What `stage` reads, completely; only for a call that needs one. A stream can be read only once: the program
   * must be on the host by then.
   */
  readonly payload?: Uint8Array | Readable | undefined;
  /** For the whole call, in milliseconds. */
  readonly timeoutMs: number;
  readonly onEvent?: ((event: HostEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The steps of one host. Nothing here throws for what a host does. */
export interface HostClient {
  /** What the SSH server of the last connection offered; null or absent where that was not seen. */
  readonly server?: ServerOffer | null;
  /** Runs the steps in one call, which ends at the first that fails. */
  run(steps: readonly Step[], options: CallOptions): Promise<StepOutcome>;
}

/**
 * A client of one host and app. Normally all calls go over one channel to the program in serve mode. A call
 * that cannot, or that comes while another is running, is an exec of its own. If the host does not have the
 * program yet, steps that only read send it on stdin and store nothing; other steps store it first.
 */
export function createHostClient(options: HostClientOptions): HostClient {
  const connect = createConnector(options.connect);
  const channel = createCallChannel((first) => serveCommand(options.program, options.root, first));
  // Known from the last call; another controller may change it, so it only saves a round trip.
  let missing = false;
  let server: ServerOffer | null = null;
  return {
    get server() {
      return server;
    },
    async run(unsigned, runOptions) {
      const steps = signedSteps(unsigned, options.by);
      const connected = await connect();
      if (connected.kind === 'failed') {
        return { kind: 'failed', failure: connected.failure, events: [], replies: [] };
      }
      const { connection } = connected;
      server = connection.server ?? null;
      const parts = { target: options, channel, steps, options: runOptions };
      const call = new Call({ ...parts, connection });
      if (!missing) {
        const outcome = await call.present();
        if (outcome !== 'missing') {
          return call.onlyReads ? explainSilence(outcome, connection) : outcome;
        }
      }
      missing = call.onlyReads;
      const outcome = await call.bring();
      // A server may end the connection with its first channel, which the check for the program was.
      if (!isUnheard(outcome) || !canBeSentAgain(runOptions)) return outcome;
      const again = await connect();
      if (again.kind === 'failed' || again.connection === connection) return outcome;
      return new Call({ ...parts, connection: again.connection }).bring();
    },
  };
}

/** The connection ended before any of the answer came. */
const isUnheard = ({ kind, ...outcome }: StepOutcome): boolean =>
  kind === 'lost' && outcome.events.length + outcome.replies.length === 0;

const canBeSentAgain = ({ payload, signal }: CallOptions): boolean =>
  signal?.aborted !== true && (payload === undefined || payload instanceof Uint8Array);

/** One connection at a time, also for simultaneous calls. */
function createConnector(connect: HostClientOptions['connect']): () => Promise<ConnectOutcome> {
  if (typeof connect !== 'function') {
    return async () => ({ kind: 'connected', connection: connect });
  }
  let last: Connection | undefined;
  let pending: Promise<ConnectOutcome> | undefined;
  return async () => {
    if (last?.open) return { kind: 'connected', connection: last };
    pending ??= connect().finally(() => {
      pending = undefined;
    });
    const outcome = await pending;
    if (outcome.kind === 'connected') last = outcome.connection;
    return outcome;
  };
}

interface CallParts {
  readonly target: HostClientOptions;
  readonly connection: Connection;
  readonly channel: CallChannel;
  readonly steps: readonly Step[];
  readonly options: CallOptions;
}

/** The routes of one call. */
class Call {
  readonly #parts: CallParts;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  async present(): Promise<StepOutcome | 'missing'> {
    const { steps, options } = this.#parts;
    const transcript = createTranscript(steps, options.onEvent);
    const outcome = await (this.#spoken(transcript) ?? this.#execPresent(transcript));
    const absent = outcome.kind === 'exited' && outcome.code === STEP_EXIT.missing;
    if (absent && transcript.isEmpty()) return 'missing';
    return judgeExec(steps, outcome, transcript);
  }

  /** With the program on stdin, if the host does not have it. */
  bring(): Promise<StepOutcome> {
    return this.onlyReads ? this.transient() : this.install();
  }

  get onlyReads(): boolean {
    return this.#parts.steps.every((step) => VERB_TRAITS[step.verb].reads === true);
  }

  async transient(): Promise<StepOutcome> {
    const { target, steps, options } = this.#parts;
    const transcript = createTranscript(steps, options.onEvent);
    const command = transientCommand(target.root, steps);
    const outcome = await this.#exec(command, Buffer.from(target.program.text), transcript);
    return judgeExec(steps, outcome, transcript);
  }

  /** One exec stores the program and runs the steps, unless the steps need stdin themselves. */
  async install(): Promise<StepOutcome> {
    const { target, steps, options } = this.#parts;
    const { program, root } = target;
    const payload = options.payload !== undefined;
    const transcript = createTranscript(steps, options.onEvent);
    const command = installCommand(program, root, payload ? [] : steps);
    const outcome = await this.#exec(command, Buffer.from(program.text), transcript);
    const refusal = judgeInstall(outcome, root);
    if (refusal !== undefined) return refusal;
    if (!payload) return judgeExec(steps, outcome, transcript);
    const again = await this.present();
    return again === 'missing' ? judgeExec(steps, outcome, transcript) : again;
  }

  /** Over the channel of all calls; undefined if this call cannot go there. */
  #spoken(transcript: Transcript): Promise<CallEnd> | undefined {
    const { target, connection, channel, steps, options } = this.#parts;
    return channel.call(connection, stepWords(target.root, steps), {
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      onLine: (line) => transcript.read(line),
      payload: options.payload,
    });
  }

  #execPresent(transcript: Transcript): Promise<CallEnd> {
    const { target, steps, options } = this.#parts;
    const command = runCommand(target.program, target.root, steps);
    return this.#exec(command, options.payload, transcript);
  }

  async #exec(
    command: string,
    stdin: Uint8Array | Readable | undefined,
    transcript: Transcript,
  ): Promise<CallEnd> {
    const { connection, channel, options } = this.#parts;
    const outcome = await connection.exec(command, {
      timeoutMs: options.timeoutMs,
      onLine: (line) => transcript.read(line),
      keepBytes: KEPT_STDERR_BYTES,
      maxBytes: CALL_BYTES,
      signal: options.signal,
      ...(stdin === undefined ? {} : { stdin }),
    });
    // A server may allow one channel a connection; when sent again, the call finds it free.
    if (outcome.kind === 'lost' && connection.open) channel.rest();
    return outcome;
  }
}

import type { Readable } from 'node:stream';
import type { EventBus } from '../events/bus.js';
import type { HostClient, StepOutcome } from '../host/client.js';
import type { Step } from '../host/protocol.js';
import type { Clock } from '../model/clock.js';
import type { HostName } from '../model/names.js';
import { createHostNotes } from './host-notes.js';
import { LEASE_LOST, type Lease } from './lease.js';
import { persist } from './persist.js';

/** One call of the host program, to be made until it is answered. */
export interface Call {
  readonly host: HostName;
  readonly txn: string;
  /** Made anew for each try, so that times in it are those of the try. */
  readonly steps: () => readonly Step[];
  readonly payload?: (() => Uint8Array | Readable) | undefined;
  readonly timeoutMs: number;
  /** How long an answer that does not come is asked for again, in milliseconds. */
  readonly patienceMs: number;
}

export interface CallerOptions {
  readonly clients: ReadonlyMap<HostName, HostClient>;
  readonly bus: EventBus;
  readonly clock: Clock;
  /** Nothing is sent once it is lost; absent where there is no run to lose. */
  readonly lease?: Lease | undefined;
  readonly random: () => number;
  /** Runs at most so many calls at once. */
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
}

export type Caller = (call: Call, signal: AbortSignal) => Promise<StepOutcome>;

/** Makes calls and tells of each try: the intent before it is sent, the result after it. */
export function createCaller(options: CallerOptions): Caller {
  return (call, signal) => {
    const { clock, random } = options;
    const patience = { ms: call.patienceMs, clock, signal, random };
    return persist(() => options.limit(() => attempt(options, call, signal)), patience);
  };
}

async function attempt(
  { clients, bus, clock, lease }: CallerOptions,
  call: Call,
  signal: AbortSignal,
): Promise<StepOutcome> {
  signal.throwIfAborted();
  if (lease?.held === false) return LOST;
  const { host, txn } = call;
  const client = clients.get(host);
  if (client === undefined) throw new Error(`no client for host ${host}`);
  const steps = call.steps();
  const verbs = steps.map(({ verb }) => verb);
  bus.emit({ type: 'step-sent', host, verbs, txn });
  const began = clock.monotonicMs();
  const notes = createHostNotes(bus, host);
  const outcome = await client.run(steps, {
    timeoutMs: call.timeoutMs,
    signal,
    payload: call.payload?.(),
    onEvent: notes.hear,
  });
  notes.end();
  signal.throwIfAborted();
  const ms = Math.round(clock.monotonicMs() - began);
  const failure = outcome.kind === 'ok' ? null : outcome.failure;
  bus.emit({ type: 'step-ended', host, verbs, txn, ms, failure });
  return outcome;
}

const LOST: StepOutcome = { kind: 'failed', failure: LEASE_LOST, events: [], replies: [] };

import type { EventBus } from '../../../events/bus.js';
import type { CallOutcome, HostClient } from '../../../host/client.js';
import type { HostClients } from '../../../host/clients.js';
import type { Step } from '../../../host/protocol/protocol.js';
import type { Clock } from '../../../model/clock.js';
import type { ArtifactSource } from './artifact-source.js';
import { type CallLanes, createCallLanes, type Limit } from './call-lanes.js';
import { type CallPayload, type HostCall, stepsAt } from './host-call.js';
import { createHostNotes } from './host-notes.js';
import { LEASE_LOST, type Lease } from './lease.js';
import { retry } from './retry.js';
import { upload } from './upload.js';
import type { UploadProgress } from './upload-progress.js';

/** What a process needs to carry out calls. */
export interface CallDeps {
  readonly clients: HostClients;
  readonly bus: EventBus;
  readonly clock: Clock;
  /** Nothing is sent once it is lost; absent outside of a run. */
  readonly lease?: Lease | undefined;
  /** Absent if no call has a payload. */
  readonly artifacts?: ArtifactSource | undefined;
  /** Absent where no one reads how far uploads are. */
  readonly uploads?: UploadProgress | undefined;
  readonly random: () => number;
  readonly lanes: CallLanes;
}

export type CallerOptions = Omit<CallDeps, 'lanes'> & {
  /** Runs at most so many calls of the work at once. */
  readonly limit: Limit;
};

export type Caller = (call: HostCall, signal: AbortSignal) => Promise<CallOutcome>;

const ASK_MS = 30_000;

/** Carries out calls, all within the same limits. */
export function createCaller({ limit, ...options }: CallerOptions): Caller {
  const deps = { ...options, lanes: createCallLanes(limit) };
  return (call, signal) => performCall(call, signal, deps);
}

/**
 * Carries out a call: sends it until it is answered or its patience is over, and emits events for each
 * try. Resolves with what the host said; rejects only when the signal aborts, or for a bug.
 */
export function performCall(
  call: HostCall,
  signal: AbortSignal,
  deps: CallDeps,
): Promise<CallOutcome> {
  const { clock, random, lanes } = deps;
  const patience = { ms: call.limits.patienceMs, clock, signal, random };
  const lane = lanes[call.kind];
  const send = (payload: CallPayload | null) =>
    lane(() => attempt({ ...call, payload }, signal, deps));
  // A host goes on by itself with what it fetches.
  if (call.payload === null || call.payload.pull !== undefined) {
    return retry(() => send(call.payload), patience);
  }
  return upload(call.payload, { send, ask: () => lane(() => ask(call, signal, deps)) }, patience);
}

/** Reads what the host has received of an upload. Nothing depends on it, so it emits no event. */
async function ask(call: HostCall, signal: AbortSignal, deps: CallDeps): Promise<CallOutcome> {
  const timeoutMs = Math.min(call.limits.timeoutMs, ASK_MS);
  const client = deps.clients.of(call.host);
  const outcome = await client.run([{ verb: 'status', args: [] }], { timeoutMs, signal });
  signal.throwIfAborted();
  return outcome;
}

async function attempt(call: HostCall, signal: AbortSignal, deps: CallDeps): Promise<CallOutcome> {
  signal.throwIfAborted();
  if (deps.lease?.held === false) return LOST;
  const { timeoutMs } = call.limits;
  const steps = stepsAt(call, deps.clock.now().toISOString());
  const client = deps.clients.of(call.host);
  const outcome =
    call.kind === 'renewal'
      ? await client.run(steps, { timeoutMs, signal })
      : await toldOf(call, deps, { client, steps, signal });
  signal.throwIfAborted();
  return outcome;
}

interface Try {
  readonly client: HostClient;
  readonly steps: readonly Step[];
  readonly signal: AbortSignal;
}

/** Emits the intent before the call is sent, and the result after it. */
async function toldOf(
  { host, txn, limits, payload }: HostCall,
  { bus, clock, artifacts, uploads }: CallDeps,
  { client, steps, signal }: Try,
): Promise<CallOutcome> {
  const { timeoutMs } = limits;
  const verbs = steps.map(({ verb }) => verb);
  bus.emit({ type: 'step-sent', host, verbs, txn });
  const began = clock.monotonicMs();
  const notes = createHostNotes(bus, host);
  const onRead = (byte: number) => uploads?.at(host, byte);
  const opened = payload === null ? undefined : open(payload, artifacts, onRead);
  const outcome = await client.run(steps, {
    timeoutMs,
    signal,
    payload: opened,
    onEvent: notes.hear,
  });
  notes.end();
  signal.throwIfAborted();
  const ms = Math.round(clock.monotonicMs() - began);
  if (opened instanceof Uint8Array && outcome.kind === 'ok') uploads?.at(host, payload?.bytes ?? 0);
  const failure = outcome.kind === 'ok' ? null : outcome.failure;
  bus.emit({ type: 'step-ended', host, verbs, txn, ms, failure });
  return outcome;
}

function open(
  payload: CallPayload,
  artifacts: ArtifactSource | undefined,
  onRead: (byte: number) => void,
) {
  if (artifacts === undefined) throw new Error('a call has a payload, and there are no artifacts');
  return artifacts(payload, onRead);
}

const LOST: CallOutcome = { kind: 'failed', failure: LEASE_LOST, events: [], replies: [] };

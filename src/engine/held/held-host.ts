import type { HostFailure } from '../../errors/host-failure.js';
import type { Step } from '../../host/protocol/protocol.js';
import { currentOf } from '../../host/reply/facts.js';
import type { HostEvent } from '../../host/reply/reply.js';
import { claimStep, type Ownership, unclaimStep } from '../../host/steps/steps.js';
import type { HostName, RunId } from '../../model/names.js';
import { txnOf } from '../../model/runs/plan.js';
import type { ReadHost } from '../reading/host-reading.js';
import type { Caller } from '../run/calls/caller.js';
import { describeSteps, type HostCall } from '../run/calls/host-call.js';

const SHORT_CALL_MS = 30_000;

/** Who works on hosts outside of a deploy or a rollback, and how long each host is kept for it. */
export interface HeldWork {
  readonly run: RunId;
  readonly owner: string;
  readonly leaseMs: number;
  readonly call: Caller;
  /** Once aborted, no further host is begun. One that was begun is finished. */
  readonly interrupt: AbortSignal;
}

/** Steps of one call, and how long it may take. */
export interface HeldCall {
  readonly steps: readonly Step[];
  readonly timeoutMs: number;
}

/** `failure` is null if everything was done. */
export interface HeldResult {
  readonly failure: HostFailure | null;
  readonly events: readonly HostEvent[];
}

/**
 * Locks a host, does the calls in turn, and unlocks it, whatever they end in. `index` is the place of the host among
 * those of the command. A call without an answer is sent again.
 */
export async function workOnHeld(
  { host, facts }: ReadHost,
  index: number,
  {
    work,
    calls,
  }: { readonly work: HeldWork; readonly calls: (by: Ownership) => readonly HeldCall[] },
): Promise<HeldResult> {
  if (work.interrupt.aborted) return { failure: INTERRUPTED, events: [] };
  const { run, owner, leaseMs } = work;
  const epoch = facts.epoch + 1;
  const by: Ownership = { epoch, run, txn: txnOf(run, epoch, index) };
  const send = (call: HeldCall) => work.call(described(host.name, by.txn, call), NEVER);
  const claim = claimStep(by, { owner, leaseMs, expect: currentOf(facts), as: host.name });
  const claimed = await send({ steps: [claim], timeoutMs: SHORT_CALL_MS });
  if (claimed.kind === 'failed') return { failure: claimed.failure, events: claimed.events };
  const events: HostEvent[] = [];
  let failure: HostFailure | null = claimed.kind === 'ok' ? null : claimed.failure;
  for (const each of failure === null ? calls(by) : []) {
    const outcome = await send(each);
    events.push(...outcome.events);
    if (outcome.kind === 'ok') continue;
    failure = outcome.failure;
    break;
  }
  const unclaimed = await send({ steps: [unclaimStep(by)], timeoutMs: SHORT_CALL_MS });
  if (unclaimed.kind !== 'ok') failure ??= unclaimed.failure;
  return { failure, events };
}

/** What was begun on a host is finished. */
const NEVER = new AbortController().signal;

function described(host: HostName, txn: string, { steps, timeoutMs }: HeldCall): HostCall {
  return {
    kind: 'work',
    host,
    txn,
    steps: describeSteps((at) =>
      steps.map(({ verb, args }) => ({ verb, args: [...args, ['at', at] as const] })),
    ),
    limits: { timeoutMs, patienceMs: timeoutMs },
    payload: null,
  };
}

const INTERRUPTED: HostFailure = {
  code: 'interrupted',
  message: 'it was not begun: the command was interrupted',
};

import type { HostFailure } from '../../errors/host-failure.js';
import type { Step } from '../../host/protocol/protocol.js';
import { currentOf } from '../../host/reply/facts.js';
import { readDigests } from '../../host/reply/found.js';
import { digestStep, registerStep, relinkStep } from '../../host/steps/adopt-steps.js';
import { claimStep, type Ownership, renewStep, unclaimStep } from '../../host/steps/steps.js';
import type { Clock } from '../../model/clock.js';
import type { ReleaseId, RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import { txnOf } from '../../model/runs/plan.js';
import type { Caller } from '../run/calls/caller.js';
import { describeSteps, type HostCall } from '../run/calls/host-call.js';
import { type HostAdopted, type HostAdoption, hasWork } from './adoption.js';
import { type AgreedDigests, agreeOnDigests } from './agree-on-digests.js';
import { recordsToWrite } from './records-to-write.js';

/** Limits of calls, in milliseconds. */
const SHORT_MS = 30_000;
/** All files of a release are read. */
const DIGEST_MS = 3_600_000;

export interface AdoptRequest {
  readonly app: App;
  readonly run: RunId;
  readonly owner: string;
  /** All hosts that were read, also those without work. */
  readonly hosts: readonly HostAdoption[];
  readonly call: Caller;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface AdoptResult {
  readonly hosts: readonly HostAdopted[];
  readonly digests: AgreedDigests;
}

/** One host with the digests of its releases, while this run has its claim. */
interface Work {
  readonly adoption: HostAdoption;
  readonly by: Ownership;
  readonly digests: Map<ReleaseId, string | null>;
  isClaimed: boolean;
  failure: HostFailure | null;
}

/**
 * Adopts hosts: each is claimed, its releases are listed there, and then recorded. The records are written when all
 * hosts have told their digests. A host that fails keeps what was done, each step of which is complete; the same
 * command goes on from there.
 */
export async function adoptHosts(request: AdoptRequest): Promise<AdoptResult> {
  const works = request.hosts.map((adoption, index) => workOn(adoption, index, request));
  const stop = keepClaims(works, request);
  try {
    const open = works.filter(({ adoption }) => hasWork(adoption));
    await Promise.all(open.map((work) => list(work, request)));
    const found = new Map(works.map(({ adoption, digests }) => [adoption.host.name, digests]));
    const digests = agreeOnDigests(request.hosts, found);
    const hosts = await Promise.all(works.map((work) => record(work, digests, request)));
    return { hosts, digests };
  } finally {
    stop();
    await Promise.all(works.map((work) => giveUp(work, request)));
  }
}

function workOn(adoption: HostAdoption, index: number, { run }: AdoptRequest): Work {
  const epoch = adoption.facts.epoch + 1;
  const by = { epoch, run, txn: txnOf(run, epoch, index) };
  return { adoption, by, digests: new Map(), isClaimed: false, failure: null };
}

/** Claims the host and lists what is not adopted yet, one release a call. */
async function list(work: Work, request: AdoptRequest): Promise<void> {
  await claim(work, request);
  for (const { id, adopted } of work.adoption.releases) {
    if (adopted || work.failure !== null) continue;
    const outcome = await send(work, request, {
      timeoutMs: DIGEST_MS,
      steps: (by) => [digestStep(by, id)],
    });
    for (const [each, digest] of readDigests(outcome.events)) work.digests.set(each, digest);
  }
}

async function claim(work: Work, request: AdoptRequest): Promise<void> {
  const { app, owner } = request;
  const { facts, host } = work.adoption;
  const { leaseMs } = app.policy;
  // The answer may be lost: from the first try on there may be a claim.
  work.isClaimed = true;
  await send(work, request, {
    steps: (by) => [claimStep(by, { owner, leaseMs, expect: currentOf(facts), as: host.name })],
  });
}

/** Writes the records of a host, and makes its link relative. */
async function record(
  work: Work,
  digests: AgreedDigests,
  request: AdoptRequest,
): Promise<HostAdopted> {
  const { adoption } = work;
  const now = request.clock.now().toISOString();
  const registrations = recordsToWrite(adoption, { app: request.app.name, digests, now });
  const isIdle = registrations.length === 0 && !adoption.relink;
  if (!isIdle && !work.isClaimed) await claim(work, request);
  if (!isIdle && work.failure === null) {
    await send(work, request, {
      steps: (by) => [
        ...registrations.map((each) => registerStep(by, each)),
        ...(adoption.relink ? [relinkStep(by)] : []),
        unclaimStep(by),
      ],
    });
    if (work.failure === null) work.isClaimed = false;
  }
  const state = work.failure !== null ? 'failed' : isIdle ? 'unchanged' : 'adopted';
  return { host: adoption.host.name, state, digests: work.digests, failure: work.failure };
}

interface Sent {
  readonly steps: (by: Ownership) => readonly Step[];
  readonly timeoutMs?: number;
}

async function send(work: Work, request: AdoptRequest, { steps, timeoutMs = SHORT_MS }: Sent) {
  const call = callOf(work, { steps, timeoutMs });
  const outcome = await request.call(call, request.signal);
  if (outcome.kind !== 'ok') work.failure = outcome.failure;
  return outcome;
}

function callOf({ adoption, by }: Work, { steps, timeoutMs = SHORT_MS }: Sent): HostCall {
  return {
    kind: 'work',
    host: adoption.host.name,
    txn: by.txn,
    steps: describeSteps((at) => steps({ ...by, at })),
    limits: { timeoutMs, patienceMs: SHORT_MS },
    payload: null,
  };
}

/** Renews the claims while files are read. Returns the function that ends it. */
function keepClaims(works: readonly Work[], { app, call, clock }: AdoptRequest): () => void {
  const stop = new AbortController();
  const { leaseMs } = app.policy;
  const renew = async (work: Work): Promise<void> => {
    const renewal = callOf(work, { steps: (by) => [renewStep(by, leaseMs)] });
    // A claim that is lost shows in the next step.
    await call({ ...renewal, kind: 'renewal' }, stop.signal).catch(() => undefined);
  };
  const beat = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(leaseMs / 3, stop.signal).catch(() => undefined);
      if (stop.signal.aborted) return;
      await Promise.all(works.filter(({ isClaimed }) => isClaimed).map(renew));
    }
  };
  void beat();
  return () => stop.abort();
}

/** Gives up what is still claimed, also after Ctrl-C. A host that does not answer has a lease that expires. */
async function giveUp(work: Work, { call }: AdoptRequest): Promise<void> {
  if (!work.isClaimed) return;
  const unclaim = callOf(work, { steps: (by) => [unclaimStep(by)] });
  await call(unclaim, AbortSignal.timeout(SHORT_MS)).catch(() => undefined);
}

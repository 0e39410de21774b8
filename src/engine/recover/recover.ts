import type { CallOutcome } from '../../host/client.js';
import type { Step } from '../../host/protocol/protocol.js';
import { currentOf, readStatus } from '../../host/reply/facts.js';
import { adoptStep, type Ownership, statusStep, unclaimStep } from '../../host/steps/steps.js';
import { undoStep } from '../../host/steps/undo-step.js';
import type { HostName, ReleaseId, RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import { txnOf } from '../../model/runs/plan.js';
import { isFenced } from '../../rollout/fencing.js';
import type { HostReading, ReadHost } from '../reading/host-reading.js';
import { unitsFault } from '../reading/unit-health.js';
import { watchedCall, watchOf } from '../run/calls/activation-timeouts.js';
import type { Caller } from '../run/calls/caller.js';
import { describeSteps, type HostCall } from '../run/calls/host-call.js';
import { type RecoveryAction, recoveryActionFor } from './recovery-action.js';

/**
 * The result for one host.
 * - `released`, `reverted`: settled and free
 * - `down`, `unknown`: need a person
 * - `locked`: its run is alive, or another run has changed this host meanwhile
 */
export interface Recovered {
  readonly host: HostName;
  readonly state: 'released' | 'reverted' | 'down' | 'unknown' | 'locked';
  /** The run that left it so; null if it could not be read, or no run holds it. */
  readonly run: RunId | null;
  /** What `current` names now; null for nothing, or if unknown. */
  readonly current: ReleaseId | null;
  readonly detail: string;
}

export interface RecoverOptions {
  readonly app: App;
  /** The run id of the recovery, and the user who started it. */
  readonly run: RunId;
  readonly owner: string;
  readonly surveys: readonly HostReading[];
  /** Runs that are known to be dead: recovery does not wait for their leases. */
  readonly isDead: (run: RunId) => boolean;
  readonly call: Caller;
  readonly signal: AbortSignal;
}

/** A host that a run left claimed or unfinished, with what to do there and its place in the inventory. */
export type UnfinishedHost = ReadHost & {
  readonly remedy: Exclude<RecoveryAction, 'none'>;
  readonly index: number;
};

/**
 * Settles every host that a run left unfinished, by the host's own state. Each is first adopted in an
 * epoch above its own, so that the run that left it can do nothing there. All at once: a host with an
 * open transaction is out of service already, so its run had no more of them than max_unavailable
 * allows, and every settled host frees budget. Ends in bounded time.
 */
export async function recoverFleet(options: RecoverOptions): Promise<readonly Recovered[]> {
  return Promise.all(unfinishedHosts(options.surveys).map((host) => decide(host, options)));
}

async function decide(host: UnfinishedHost, options: RecoverOptions): Promise<Recovered> {
  const { facts } = host;
  const { name } = host.host;
  const call: HostCall = {
    kind: 'work',
    host: name,
    txn: facts.txn ?? options.run,
    steps: describeSteps((at) => stepsFor(host, at, options)),
    limits: watchedCall(options.app),
    payload: null,
  };
  const outcome = await options.call(call, options.signal);
  return { host: name, run: facts.run, ...judge(host, outcome, options.app) };
}

function stepsFor(
  { facts, remedy, index }: UnfinishedHost,
  at: string,
  { app, run, owner, isDead }: RecoverOptions,
): readonly Step[] {
  const epoch = facts.epoch + 1;
  const by: Ownership = { epoch, run, txn: facts.txn ?? txnOf(run, epoch, index), at };
  const force = facts.run !== null && isDead(facts.run);
  const tenure = { owner, leaseMs: app.policy.leaseMs, over: facts.run, force };
  const back = remedy === 'revert' ? [undoStep(by, at, watchOf(app))] : [];
  return [adoptStep(by, tenure), ...back, unclaimStep(by), statusStep(app.service)];
}

/** The unfinished hosts, in inventory order. */
export function unfinishedHosts(surveys: readonly HostReading[]): readonly UnfinishedHost[] {
  return surveys.flatMap((survey, index) => {
    if (survey.kind !== 'read') return [];
    const remedy = recoveryActionFor(survey.facts);
    return remedy === 'none' ? [] : [{ ...survey, remedy, index }];
  });
}

type Judgement = Pick<Recovered, 'state' | 'current' | 'detail'>;

function judge(
  { remedy, facts }: UnfinishedHost,
  outcome: CallOutcome,
  { service }: App,
): Judgement {
  const was = currentOf(facts);
  if (outcome.kind === 'lost') {
    return { state: 'unknown', current: was, detail: outcome.failure.message };
  }
  if (outcome.kind === 'failed') {
    const { failure, phase } = outcome;
    const state = isFenced(failure) ? 'locked' : phase === 'down' ? 'down' : 'unknown';
    return { state, current: was, detail: failure.message };
  }
  const status = readStatus(outcome.events);
  if (status === null) return { state: 'unknown', current: was, detail: 'no status in the reply' };
  const { state } = status;
  const current = currentOf(state);
  const detail = `on ${current ?? 'no release'}`;
  if (state.phase !== 'idle')
    return { state: 'down', current, detail: `phase ${state.phase}, ${detail}` };
  const fault = remedy === 'release' || current === null ? null : unitsFault(service.units, status);
  if (fault !== null) return { state: 'down', current, detail: `${detail}, and ${fault}` };
  return { state: remedy === 'revert' ? 'reverted' : 'released', current, detail };
}

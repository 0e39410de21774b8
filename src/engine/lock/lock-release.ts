import type { HostFailure } from '../../errors/host-failure.js';
import type { HostClients } from '../../host/clients.js';
import { adoptStep, type Ownership, unclaimStep } from '../../host/steps/steps.js';
import type { HostName, RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import { txnOf } from '../../model/runs/plan.js';
import type { HostReading, ReadHost } from '../reading/host-reading.js';
import { recoveryActionFor } from '../recover/recovery-action.js';

const RELEASE_TIMEOUT_MS = 30_000;

export interface LockRelease {
  readonly app: App;
  /** The run that adopts each host, and who asks for it. */
  readonly run: RunId;
  readonly owner: string;
  readonly surveys: readonly HostReading[];
  readonly clients: HostClients;
  readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/** A host whose claim was not given up, and why. */
export interface StillHeld {
  readonly host: HostName;
  readonly failure: HostFailure;
}

/** The result: every host that was asked for is in one of these, or had no claim. */
export interface LocksReleased {
  readonly free: readonly ReadHost[];
  /** Hosts that could not be read, or did not give their claim up. */
  readonly failed: readonly StillHeld[];
  /** Hosts with an unfinished activation: `fleet recover` settles those. */
  readonly unfinished: readonly ReadHost[];
}

/** The hosts whose claim can be given up without a rollback. */
export function releasable(surveys: readonly HostReading[]): readonly ReadHost[] {
  return surveys.filter(isRead).filter(({ facts }) => recoveryActionFor(facts) === 'release');
}

/**
 * Unlocks hosts, whichever run holds them: each host is adopted in a newer epoch, so that the run that
 * held it can do nothing there, and then its claim is given up.
 */
export async function releaseLocks(release: LockRelease): Promise<LocksReleased> {
  const { surveys, limit } = release;
  const unread = surveys.flatMap((each) =>
    each.kind === 'failed' ? [{ host: each.host.name, failure: each.failure }] : [],
  );
  const outcomes = await Promise.all(
    releasable(surveys).map(async (read, index) => {
      const failure = await limit(() => releaseOn(read, index, release));
      return { read, failure };
    }),
  );
  const refused = outcomes.flatMap(({ read, failure }) =>
    failure === null ? [] : [{ host: read.host.name, failure }],
  );
  return {
    free: outcomes.filter(({ failure }) => failure === null).map(({ read }) => read),
    failed: [...unread, ...refused],
    unfinished: surveys.filter(isRead).filter(({ facts }) => recoveryActionFor(facts) === 'revert'),
  };
}

/** Null if the host is free now. */
async function releaseOn(
  { host, facts }: ReadHost,
  index: number,
  { app, run, owner, clients, signal }: LockRelease,
): Promise<HostFailure | null> {
  const epoch = facts.epoch + 1;
  const by: Ownership = { epoch, run, txn: facts.txn ?? txnOf(run, epoch, index) };
  const { leaseMs } = app.policy;
  const steps = [adoptStep(by, { owner, leaseMs, over: facts.run, force: true }), unclaimStep(by)];
  const client = clients.of(host.name);
  const outcome = await client.run(steps, { timeoutMs: RELEASE_TIMEOUT_MS, signal });
  signal.throwIfAborted();
  return outcome.kind === 'ok' ? null : outcome.failure;
}

const isRead = (survey: HostReading): survey is Extract<HostReading, { kind: 'read' }> =>
  survey.kind === 'read';

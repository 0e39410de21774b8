import { rm } from 'node:fs/promises';
import { journalFolder } from '../../engine/journal/journal.js';
import { hasJournal } from '../../engine/journal/journal-reading.js';
import { noteOwner, runLiveness } from '../../engine/journal/run-owner.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import {
  type Recovered,
  recoverFleet,
  type UnfinishedHost,
  unfinishedHosts,
} from '../../engine/recover/recover.js';
import type { Caller } from '../../engine/run/calls/caller.js';
import { isRunId, type RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import type { Context } from '../context/context.js';
import { claimsText, hostFields, noted, tally } from '../context/noted.js';
import { newRunId } from '../context/run-id.js';
import { closeRecords } from '../records/close-records.js';

/** A recovery of hosts that were just read. */
export interface RecoveryWork {
  readonly context: Context;
  readonly app: App;
  readonly surveys: readonly HostReading[];
  readonly call: Caller;
  /** Also takes hosts from runs that may be alive. */
  readonly force: boolean;
  /** False if the runs continue, so that their records stay open. Default true. */
  readonly closes?: boolean | undefined;
  /** A run of this bastion whose hosts these are, if one was named. */
  readonly unfinished?: RunId | undefined;
  readonly signal: AbortSignal;
  /** Why, in the words of the operator. */
  readonly reason?: string | undefined;
}

/** Settles unfinished hosts, and closes the records of the runs that left them. */
export async function recoverSurveyed(work: RecoveryWork): Promise<readonly Recovered[]> {
  const { context, force } = work;
  const isDead = (run: RunId): boolean => force || runLiveness(context.stateDir, run) === 'dead';
  const left = unfinishedHosts(work.surveys);
  const run = newRunId(context);
  const by = { run, owner: context.operator };
  const recovered =
    left.length === 0
      ? []
      : await noted(context, { ...deedOf(work, run, left), reason: work.reason }, () =>
          asOwner(work, run, (call) => recoverFleet({ ...work, ...by, call, isDead })),
        );
  if (work.closes !== false) await closeRecords({ ...work, recovered });
  return recovered;
}

function deedOf({ app, force }: RecoveryWork, run: RunId, left: readonly UnfinishedHost[]) {
  const fields = {
    app: app.name,
    as: run,
    force: force ? '1' : '0',
    from: claimsText(left.map(({ facts }) => facts)),
    ...hostFields(left.map(({ host }) => host.name)),
  };
  const outcome = (recovered: readonly Recovered[]) => ({
    states: tally(recovered.map(({ state }) => state)),
  });
  return { kind: 'recover', fields, outcome } as const;
}

/**
 * Notes who recovers, for as long as the recovery may hold hosts. A recovery that is killed, or that
 * fails after something was sent, leaves the note: it shows the next recovery that this one is dead, so
 * that it does not wait for the leases. What unlocks its hosts then removes the note.
 */
async function asOwner(
  work: RecoveryWork,
  run: RunId,
  recoverBy: (call: Caller) => Promise<readonly Recovered[]>,
): Promise<readonly Recovered[]> {
  const { stateDir } = work.context;
  let sent = false;
  noteOwner(journalFolder(stateDir, run));
  try {
    const recovered = await recoverBy((call, signal) => {
      sent ||= !signal.aborted;
      return work.call(call, signal);
    });
    await forget(stateDir, run);
    for (const freed of freedRuns(recovered)) {
      if (runLiveness(stateDir, freed) === 'dead') await forget(stateDir, freed);
    }
    return recovered;
  } catch (error) {
    if (!sent) await forget(stateDir, run);
    throw error;
  }
}

function freedRuns(recovered: readonly Recovered[]): ReadonlySet<RunId> {
  const freed = recovered.filter(({ state }) => state === 'released' || state === 'reverted');
  // A host may name anything.
  return new Set(freed.flatMap(({ run }) => (run !== null && isRunId(run) ? [run] : [])));
}

/** Removes the note of a recovery that holds no host any more; the journal of a run stays. */
async function forget(stateDir: string, run: RunId): Promise<void> {
  if (hasJournal(stateDir, run)) return;
  await rm(journalFolder(stateDir, run), { recursive: true, force: true }).catch(() => undefined);
}

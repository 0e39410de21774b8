import { rm } from 'node:fs/promises';
import type { HostSurvey } from '../engine/admit.js';
import type { Caller } from '../engine/caller.js';
import { journalFolder } from '../engine/journal.js';
import { type Recovered, recoverFleet, undecidedOf } from '../engine/recover.js';
import { noteOwner, runLiveness } from '../engine/run-owner.js';
import type { App } from '../model/app.js';
import type { RunId } from '../model/names.js';
import { closeRecords } from './close-records.js';
import type { Context } from './context.js';
import { claimsText, hostFields, noted, tally } from './noted.js';
import { newRunId } from './run-id.js';

/** A recovery of hosts that were just surveyed. */
export interface RecoveryWork {
  readonly context: Context;
  readonly app: App;
  readonly surveys: readonly HostSurvey[];
  readonly call: Caller;
  /** Takes hosts also from runs that may be alive. */
  readonly force: boolean;
  /** False where the runs go on, so that their records stay open. Default true. */
  readonly closes?: boolean | undefined;
  /** A run of this bastion whose hosts these are, where one was named. */
  readonly unfinished?: RunId | undefined;
  readonly signal: AbortSignal;
}

type Undecided = ReturnType<typeof undecidedOf>[number];

/**
 * Whose run may be alive: its process is, on this bastion, or its lease on the host has not run out.
 */
export function mayBeAlive(context: Context, { facts }: Undecided): boolean {
  if (facts.run === null) return false;
  if (runLiveness(context.stateDir, facts.run) === 'dead') return false;
  return facts.lease === null || facts.lease > 0;
}

/** Decides what is undecided, and closes the records of the runs that had left it so. */
export async function recoverSurveyed(work: RecoveryWork): Promise<readonly Recovered[]> {
  const { context, force } = work;
  const isDead = (run: RunId): boolean => force || runLiveness(context.stateDir, run) === 'dead';
  const undecided = undecidedOf(work.surveys);
  const run = newRunId(context);
  const recovered =
    undecided.length === 0
      ? []
      : await noted(context, deedOf(work, run, undecided), () =>
          asOwner(context, run, () =>
            recoverFleet({ ...work, run, owner: context.operator, isDead }),
          ),
        );
  if (work.closes !== false) await closeRecords({ ...work, recovered });
  return recovered;
}

function deedOf({ app, force }: RecoveryWork, run: RunId, undecided: readonly Undecided[]) {
  const fields = {
    app: app.name,
    as: run,
    force: force ? '1' : '0',
    from: claimsText(undecided.map(({ facts }) => facts)),
    ...hostFields(undecided.map(({ host }) => host.name)),
  };
  const outcome = (recovered: readonly Recovered[]) => ({
    states: tally(recovered.map(({ state }) => state)),
  });
  return { kind: 'recover', fields, outcome } as const;
}

/** Lets a recovery that is killed be known as dead by the next one, which then need not wait for it. */
async function asOwner<Result>(
  { stateDir }: Context,
  run: RunId,
  work: () => Promise<Result>,
): Promise<Result> {
  const folder = journalFolder(stateDir, run);
  noteOwner(folder);
  const result = await work();
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  return result;
}

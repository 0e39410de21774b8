import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostSurvey } from '../engine/admit.js';
import type { Caller } from '../engine/caller.js';
import { concludeDeadRun } from '../engine/dead-run.js';
import { journalFolder, openJournal } from '../engine/journal.js';
import { readJournal } from '../engine/journal-reading.js';
import { type Recovered, recoverFleet, undecidedOf } from '../engine/recover.js';
import { noteOwner, runLiveness } from '../engine/run-owner.js';
import { fileProblem } from '../errors/file-problem.js';
import { createDeployLog } from '../history/deploy-log.js';
import { openHistory } from '../history/open.js';
import type { App } from '../model/app.js';
import type { RunId } from '../model/names.js';
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
  if (undecided.length === 0) return [];
  const run = newRunId(context);
  const recovered = await noted(context, deedOf(work, run, undecided), () =>
    asOwner(context, run, () =>
      recoverFleet({ ...work, run, owner: context.operator, isDead, clock: context.clock }),
    ),
  );
  const runs = new Set(recovered.map(({ run }) => run).filter((run) => run !== null));
  if (work.closes === false) return recovered;
  for (const run of runs) {
    await closeRecords(work, run, recovered).catch((error: unknown) => {
      // The hosts are recovered, whatever becomes of the records.
      const why = fileProblem(error)?.message ?? String(error);
      context.stderr.write(`warning: the records of run ${run} stay open: ${why}\n`);
    });
  }
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
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  noteOwner(folder);
  const result = await work();
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  return result;
}

/** Ends a dead run's journal, its line of `deploy.log` and its history, where they are kept here. */
async function closeRecords(
  { context, surveys, app }: RecoveryWork,
  run: RunId,
  recovered: readonly Recovered[],
): Promise<void> {
  const folder = journalFolder(context.stateDir, run);
  const { plan, ended, events } = await readJournal(folder);
  if (plan === null || ended) return;
  const warn = (message: string): unknown => context.stderr.write(`warning: ${message}\n`);
  const at = context.clock.now().toISOString();
  const end = concludeDeadRun(plan, surveys, recovered);
  const startedAt = events[0]?.at ?? plan.createdAt;
  const event = { at, type: 'run-ended', run, startedAt, ...end } as const;
  const journal = openJournal(folder, plan, warn);
  journal.append(event);
  journal.close();
  const log = createDeployLog(join(context.stateDir, 'deploy.log'), warn);
  log({ at, type: 'run-started', run, kind: plan.kind, plan });
  log(event);
  try {
    const file = app.historyPath ?? join(context.stateDir, 'history.db');
    const store = await openHistory(file, { now: context.clock.now, random: Math.random });
    await store.recordEnd(run, { endedAt: at, ...end });
    await store.close();
  } catch (error) {
    warn(`the history does not know how run ${run} ended: ${String(error)}`);
  }
}

import { journalFolder } from '../../engine/journal/journal.js';
import {
  type JournalReading,
  journalNewer,
  listRuns,
  readJournal,
} from '../../engine/journal/journal-reading.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { RunId } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Context } from '../context/context.js';

/** A run of this bastion, with its journal. */
export interface FoundRun {
  readonly run: RunId;
  readonly folder: string;
  readonly plan: Plan;
  readonly journal: JournalReading;
}

/**
 * The run that a person means by an id or a prefix of one. Throws `run_unknown`, and `journal_newer`
 * where only a newer fleet can read its journal.
 */
export async function findRun(context: Context, reference: string): Promise<FoundRun> {
  const run = matchingRun(await listRuns(context.stateDir), reference);
  const folder = journalFolder(context.stateDir, run);
  const journal = await readJournal(folder);
  if (journal.newer !== null) throw journalNewer(run, journal.newer);
  if (journal.plan !== null) return { run, folder, plan: journal.plan, journal };
  const why =
    journal.planProblem === null ? 'has no plan' : `cannot be used: ${journal.planProblem}`;
  throw new FleetError('run_unknown', `the journal of run ${run} ${why}`, {
    hint: 'settle the hosts that it may have left: fleet recover -g GROUP',
  });
}

/** The one of these runs that an id, or the beginning of one, names. Throws `run_unknown`. */
export function matchingRun(runs: readonly RunId[], reference: string): RunId {
  const matching = runs.filter((run) => run.startsWith(reference));
  const run = runs.find((each) => each === reference) ?? matching[0];
  if (reference === '' || run === undefined) {
    throw new FleetError('run_unknown', `this bastion has no run ${reference}`, {
      hint: 'type this on the bastion where the run was started; fleet history lists the runs of this one',
    });
  }
  if (run === reference || matching.length === 1) return run;
  throw new FleetError('run_unknown', `${reference} matches several runs; type more of it`, {
    problems: matching.slice(0, 10).map((each) => ({ message: each })),
  });
}

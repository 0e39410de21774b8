import { journalFolder } from '../../engine/journal/journal.js';
import {
  type JournalReading,
  listRuns,
  readJournal,
} from '../../engine/journal/journal-reading.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { RunId } from '../../model/names.js';
import type { PlanFile } from '../../model/runs/plan-file.js';
import { isResumable } from '../../model/runs/run.js';
import { compactTime } from '../../model/text/compact-time.js';
import { endText } from '../../ui/text/labels.js';
import type { Context } from '../context/context.js';

/**
 * A plan is applied once. Throws `run_over` if a run of this bastion has applied it, however far that
 * came. On another bastion, the epochs of the hosts show it.
 */
export async function refuseApplied({ stateDir }: Context, file: PlanFile): Promise<void> {
  // Ids of runs begin with their time. The clock of the machine that made the plan may be a day off.
  const made = Date.parse(file.plan.createdAt) - DAY_MS;
  const earliest = Number.isNaN(made) ? '' : compactTime(new Date(made));
  const later = (await listRuns(stateDir)).filter((run) => run >= earliest);
  for (const run of later) {
    const journal = await readJournal(journalFolder(stateDir, run));
    if (journal.plan?.madeFrom?.digest === file.digest) throw appliedBy(run, journal);
  }
}

const DAY_MS = 24 * 3_600_000;

function appliedBy(run: RunId, { plan, events, ended }: JournalReading): FleetError {
  const last = events.at(-1);
  const by = plan === null ? '' : ` by ${plan.operator}`;
  if (!ended || last?.type !== 'run-ended') {
    return new FleetError('run_over', `the plan was applied already${by}, in run ${run}`, {
      hint: `if that run has died, continue it: fleet resume ${run}`,
    });
  }
  const how = endText(last.state, last.exitCode);
  return new FleetError('run_over', `the plan was applied already${by}, in run ${run}: ${how}`, {
    hint: isResumable(last.state)
      ? `continue it: fleet resume ${run}; or make a new plan`
      : `see fleet show ${run}; to do it again, make a new plan`,
  });
}

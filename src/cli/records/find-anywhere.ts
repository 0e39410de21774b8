import { runLiveness } from '../../engine/journal/run-owner.js';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import type { RunSummary } from '../../history/store.js';
import { isResumable, type RunState } from '../../model/runs/run.js';
import { endText } from '../../ui/text/labels.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import { printWarning } from '../context/output.js';
import { type FoundRun, findRun } from './find-run.js';
import { importRun, readForeign } from './import-run.js';
import { nearestApps } from './records.js';
import { askForRun, type SharedRun, withSharedHistory } from './shared-runs.js';

/**
 * The run that a person means, of whichever bastion: what another one did of it is fetched from the shared history into
 * a journal of this one. Throws `run_unknown`, `run_over`, `run_not_here`, `journal_newer`, and
 * `history_unavailable` if only the history could know the run.
 */
export async function findRunAnywhere(
  context: Context,
  options: CommonOptions,
  reference: string,
): Promise<FoundRun> {
  const here = await hereOrError(context, reference);
  if (!(here instanceof FleetError) && runLiveness(context.stateDir, here.run) === 'alive') {
    return here;
  }
  const app = withSharedHistory(context, await nearestApps(context, options));
  if (app === null || reference === '') return orThrow(here);
  let shared: SharedRun;
  try {
    shared = await askForRun(context, app, here instanceof FleetError ? reference : here.run);
  } catch (error) {
    return withoutHistory(context, here, error);
  }
  const { state } = shared.record;
  // Only another bastion can have ended what has no end here.
  if (state !== null && !isResumable(state)) throw hasEnded(shared.record, state);
  return (await fetched(context, shared)) ?? orThrow(here, shared.record);
}

async function hereOrError(context: Context, reference: string): Promise<FoundRun | FleetError> {
  try {
    return await findRun(context, reference);
  } catch (error) {
    if (error instanceof FleetError && error.code === 'run_unknown') return error;
    throw error;
  }
}

/** Null if its bastion has shown nothing of it. */
async function fetched(
  context: Context,
  { record: { run }, documents }: SharedRun,
): Promise<FoundRun | null> {
  const foreign = await readForeign(run, documents);
  if (foreign === null) return null;
  refuseBehind(context, run, foreign.events.at(-1)?.at);
  await importRun(context, foreign);
  return findRun(context, run);
}

/** What this bastion writes must be later than what the other one wrote: the records are ordered by time. */
function refuseBehind(context: Context, run: string, last = ''): void {
  const now = context.clock.now().toISOString();
  if (last <= now) return;
  throw new FleetError(
    'run_not_here',
    `run ${run} cannot continue here: the clock of this bastion says ${now}, and its last event was at ${last}`,
    { hint: 'set the clocks of both bastions, by NTP for example; nothing was changed' },
  );
}

/** With the history down, the hosts still tell what another bastion did: their epochs refuse what is old. */
function withoutHistory(context: Context, here: FoundRun | FleetError, error: unknown): FoundRun {
  const isUnknown = error instanceof FleetError && error.code === 'run_unknown';
  if (here instanceof FleetError) throw isUnknown ? here : error;
  if (!isUnknown) {
    const why = reasonOf(error);
    printWarning(context, `whether another bastion continued run ${here.run} is not known: ${why}`);
  }
  return here;
}

function orThrow(here: FoundRun | FleetError, record?: RunSummary): FoundRun {
  if (!(here instanceof FleetError)) return here;
  if (record === undefined) throw here;
  const { run, operator, bastion, group } = record;
  throw new FleetError(
    'run_not_here',
    `run ${run} of ${operator} was started on ${bastion}, which has not written its plan into the shared history`,
    { hint: `settle its hosts: fleet recover -g ${group}; then start a new deploy` },
  );
}

const hasEnded = ({ run, operator }: RunSummary, state: RunState): FleetError =>
  new FleetError('run_over', `run ${run} of ${operator} has ended: ${endText(state)}`, {
    hint: `to see how: fleet show ${run}; to deploy or roll back again, start a new run`,
  });

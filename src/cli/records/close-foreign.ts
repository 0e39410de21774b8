import { hasJournal } from '../../engine/journal/journal-reading.js';
import { runLiveness } from '../../engine/journal/run-owner.js';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import type { HistoryStore } from '../../history/store.js';
import { isRunId, type RunId } from '../../model/names.js';
import { isResumable } from '../../model/runs/run.js';
import type { Context } from '../context/context.js';
import { printWarning } from '../context/output.js';
import { type ForeignRun, importRun, readForeign } from './import-run.js';
import { factsOf, hasLost, openHosts, openText, placeOf } from './plan-hosts.js';
import { type Closing, recordEnd } from './record-end.js';
import { historyOf, useHistory } from './records.js';
import { isShared } from './shared-runs.js';
import { historyKey, writeMark } from './sync-marks.js';

/** How long a recovery may take for the records of runs of other bastions. */
const PATIENCE_MS = 15_000;

/**
 * Closes the records of runs that other bastions left, in the shared history: those that the recovered hosts name, and
 * those without an end. A run is closed only if it can do nothing any more: each host of its plan was read,
 * and either was settled now, in a newer epoch, or had the run before and does not have it any more.
 */
export async function closeForeign(closing: Closing, named: ReadonlySet<RunId>): Promise<void> {
  const { context, app } = closing;
  if (!isShared(historyOf(context, app))) return;
  try {
    await useHistory(context, app, { ms: PATIENCE_MS }, async (store) => {
      const open = (await store.listOpenRuns({ app: app.name })).map(({ run }) => run);
      const runs = new Set([...named, ...open].filter((run) => mayBeForeign(context, run)));
      for (const run of runs) {
        await closeOne(closing, store, { run, isNamed: named.has(run) }).catch((error: unknown) =>
          staysOpen(context, run, error),
        );
      }
    });
  } catch (error) {
    const runs = [...named].filter((run) => mayBeForeign(context, run));
    if (runs.length === 0) return;
    printWarning(
      context,
      `the record of run ${runs.join(', ')} stays open: ${reasonOf(error)}; to close it, once the history can be reached: fleet recover`,
    );
  }
}

/** The hosts are recovered, even if a record cannot be closed. */
export function staysOpen(context: Context, run: RunId, error: unknown): void {
  const known = error instanceof FleetError ? error : fileProblem(error);
  const why = known?.message ?? String(error);
  printWarning(context, `the record of run ${run} stays open: ${why}`);
}

const mayBeForeign = ({ stateDir }: Context, run: RunId): boolean =>
  isRunId(run) && runLiveness(stateDir, run) === 'unknown';

async function closeOne(
  closing: Closing,
  store: HistoryStore,
  { run, isNamed }: { readonly run: RunId; readonly isNamed: boolean },
): Promise<void> {
  const { context, app, surveys, recovered } = closing;
  const foreign = await readForeign(run, await store.getShared(run));
  if (foreign === null) return isNamed ? lacksPlan(context, run) : undefined;
  const { plan } = foreign;
  if (hasEnded(foreign) || plan.app.name !== app.name || plan.app.root !== app.root) return;
  const found = factsOf(surveys);
  const stateOf = new Map(recovered.map(({ host, state }) => [host, state]));
  const held = plan.hosts.filter(
    (each) =>
      !hasLost(run, each, {
        facts: found.get(placeOf(each.host)),
        state: stateOf.get(each.host.name),
      }),
  );
  const open = [...new Set([...held, ...openHosts(plan, found, recovered)])];
  if (open.length > 0) {
    if (isNamed) printWarning(context, `${openText(run, open)}; to close it: fleet recover`);
    return;
  }
  await importRun(context, foreign);
  markForSync(context, closing, run);
  const state = await recordEnd(closing, plan, foreign.events);
  if (!isResumable(state)) await store.removeShared(run);
}

const hasEnded = ({ events }: ForeignRun): boolean => events.at(-1)?.type === 'run-ended';

/** A recovery of another bastion has neither plan nor record; what it held is free now. */
function lacksPlan(context: Context, run: RunId): void {
  if (hasJournal(context.stateDir, run)) return;
  printWarning(
    context,
    `the shared history has no plan of run ${run}: its record, if there is one, stays as it is`,
  );
}

/** If the history fails now, a later command writes the end into it. */
function markForSync(context: Context, { app }: Closing, run: RunId): void {
  const history = historyKey(historyOf(context, app));
  const mark = { run, app: app.name, history, syncedBytes: null, isOver: true };
  try {
    writeMark(context.stateDir, mark);
  } catch {
    // A full disk has its own warning, of the journal.
  }
}

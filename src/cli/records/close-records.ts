import { journalFolder } from '../../engine/journal/journal.js';
import { journalNewer, readJournal } from '../../engine/journal/journal-reading.js';
import { runLiveness } from '../../engine/journal/run-owner.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import type { RunId } from '../../model/names.js';
import type { HostPlan } from '../../model/runs/plan.js';
import { printWarning } from '../context/output.js';
import { closeForeign, staysOpen } from './close-foreign.js';
import { factsOf, openHosts, openText, placeOf } from './plan-hosts.js';
import { type Closing, recordEnd } from './record-end.js';

/**
 * Closes the records of runs whose hosts were recovered. A host may name any run, so its report alone
 * closes none: owner.json must show that the run is dead, its plan must have the host with what the
 * host reports, and every host of the plan must have been read and be settled.
 */
export async function closeRecords(closing: Closing): Promise<void> {
  const { recovered, unfinished } = closing;
  const named = recovered.flatMap(({ run }) => (run === null ? [] : [run]));
  const runs = new Set([...named, ...(unfinished === undefined ? [] : [unfinished])]);
  const here = [...runs].filter((run) => runLiveness(closing.context.stateDir, run) === 'dead');
  for (const run of here) {
    await closeRecord(closing, run).catch((error: unknown) =>
      staysOpen(closing.context, run, error),
    );
  }
  await closeForeign(closing, runs);
}

async function closeRecord(closing: Closing, run: RunId): Promise<void> {
  const { context, app, surveys, recovered } = closing;
  const reading = await readJournal(journalFolder(context.stateDir, run));
  const { plan, ended, newer } = reading;
  if (newer !== null && !ended) throw journalNewer(run, newer);
  if (plan?.run !== run || ended || plan.app.name !== app.name || plan.app.root !== app.root)
    return;
  const found = factsOf(surveys);
  const told = plan.hosts.some((host) => isLeftBy(run, host, found.get(placeOf(host.host))));
  if (!told && closing.unfinished !== run) return;
  const open = openHosts(plan, found, recovered);
  if (open.length === 0) {
    await recordEnd(closing, plan, reading.events);
    return;
  }
  if (!told) return;
  printWarning(context, `${openText(run, open)}; to close it: fleet recover`);
}

/** Whether a host reports that the run left it, with the same values as the plan of the run. */
function isLeftBy(run: RunId, { txn, epoch }: HostPlan, facts: HostFacts | undefined): boolean {
  return facts?.run === run && (facts.txn === txn || facts.epoch === epoch);
}

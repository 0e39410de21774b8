import { journalFolder } from '../../engine/journal/journal.js';
import {
  type JournalReading,
  journalNewer,
  readJournal,
} from '../../engine/journal/journal-reading.js';
import { runLiveness } from '../../engine/journal/run-owner.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import { concludeCrashedRun } from '../../engine/recover/crashed-run.js';
import type { Recovered } from '../../engine/recover/recover.js';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';
import { createEventBus } from '../../events/bus.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import { whyUnread } from '../../host/reply/facts.js';
import type { Host } from '../../model/hosts/host.js';
import { isRunId, type RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Context } from '../context/context.js';
import { printWarning } from '../context/output.js';
import { openRecorders, subscribeRecorders } from './recorders.js';

/** What a recovery found and did, and whose records it may close by that. */
export interface Closing {
  readonly context: Context;
  readonly app: App;
  readonly surveys: readonly HostReading[];
  readonly recovered: readonly Recovered[];
  /** A run of this bastion whose hosts these are; its record may be closed though nothing was unfinished. */
  readonly unfinished?: RunId | undefined;
}

/**
 * Closes the records of runs whose hosts were recovered. A host may name any run, so its report alone
 * closes none: owner.json must show that the run is dead, its plan must have the host with what the
 * host reports, and every host of the plan must have been read and be settled.
 */
export async function closeRecords(closing: Closing): Promise<void> {
  const { recovered, unfinished } = closing;
  const named = recovered.flatMap(({ run }) => (run === null ? [] : [run]));
  const runs = new Set([...named, ...(unfinished === undefined ? [] : [unfinished])]);
  for (const run of runs) {
    await closeRecord(closing, run).catch((error: unknown) => {
      // The hosts are recovered, even if a record cannot be closed.
      const known = error instanceof FleetError ? error : fileProblem(error);
      const why = known?.message ?? String(error);
      printWarning(closing.context, `the record of run ${run} stays open: ${why}`);
    });
  }
}

async function closeRecord(closing: Closing, run: RunId): Promise<void> {
  const { context, app, surveys, recovered } = closing;
  if (!isRunId(run) || runLiveness(context.stateDir, run) !== 'dead') return;
  const reading = await readJournal(journalFolder(context.stateDir, run));
  const { plan, ended, newer } = reading;
  if (newer !== null && !ended) throw journalNewer(run, newer);
  if (plan?.run !== run || ended || plan.app.name !== app.name || plan.app.root !== app.root)
    return;
  const found = factsOf(surveys);
  const told = plan.hosts.some((host) => isLeftBy(run, host, found.get(placeOf(host.host))));
  if (!told && closing.unfinished !== run) return;
  const open = openHosts(plan, found, recovered);
  if (open.length === 0) return recordEnd(closing, plan, reading);
  if (!told) return;
  const names = namesText(open.map(({ host }) => host.name));
  const why = `not read or not settled: ${names}`;
  printWarning(context, `the record of run ${run} stays open: ${why}; to close it: fleet recover`);
}

/** Closes the journal, the line of `deploy.log` and the history of a run, if they are kept here. */
async function recordEnd(
  { context, app, surveys, recovered }: Closing,
  plan: Plan,
  { events }: JournalReading,
): Promise<void> {
  const { run } = plan;
  const warn = (message: string): void => printWarning(context, message);
  const at = context.clock.now();
  const end = concludeCrashedRun(plan, surveys, recovered);
  const startedAt = events[0]?.at ?? plan.createdAt;
  const recorders = await openRecorders(context, { app, plan, run: 'died', warn });
  const bus = createEventBus(() => at, run);
  subscribeRecorders(bus, recorders);
  bus.emit({ type: 'run-ended', run, startedAt, ...end });
  await recorders.close();
}

const factsOf = (surveys: readonly HostReading[]): ReadonlyMap<string, HostFacts> =>
  new Map(
    surveys.flatMap((each) =>
      each.kind === 'read' && whyUnread(each.facts, 'state') === null
        ? [[placeOf(each.host), each.facts]]
        : [],
    ),
  );

/** Another inventory may use the same name for another machine. */
const placeOf = ({ name, address, ssh }: Host): string => `${name} ${address} ${ssh.port}`;

/** Whether a host reports that the run left it, with the same values as the plan of the run. */
function isLeftBy(run: RunId, { txn, epoch }: HostPlan, facts: HostFacts | undefined): boolean {
  return facts?.run === run && (facts.txn === txn || facts.epoch === epoch);
}

const SETTLED: ReadonlySet<Recovered['state']> = new Set(['released', 'reverted', 'down']);

/** Hosts of a plan where the result of the run is not known. */
function openHosts(
  plan: Plan,
  found: ReadonlyMap<string, HostFacts>,
  recovered: readonly Recovered[],
): readonly HostPlan[] {
  const stateOf = new Map(recovered.map(({ host, state }) => [host, state]));
  return plan.hosts.filter((host) => {
    const facts = found.get(placeOf(host.host));
    const state = stateOf.get(host.host.name);
    return facts === undefined || isOvertaken(host, facts) || (state && !SETTLED.has(state));
  });
}

/** Whether a later run changed the host: what this one did there cannot be seen any more. */
function isOvertaken({ txn, epoch }: HostPlan, facts: HostFacts): boolean {
  if (facts.txn === null || facts.txn === txn) return false;
  return Number(facts.txn.split('.').at(-2)) > epoch;
}

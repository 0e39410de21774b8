import { journalFolder } from '../../engine/journal/journal.js';
import {
  type JournalReading,
  journalNewer,
  readJournal,
} from '../../engine/journal/journal-reading.js';
import { runLiveness } from '../../engine/journal/run-owner.js';
import type { HostSurvey } from '../../engine/reading/host-reading.js';
import { concludeDeadRun } from '../../engine/recover/crashed-run.js';
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
import { openRecorders } from './recorders.js';

/** What a recovery has found and done, and whose records it may end by that. */
export interface Closing {
  readonly context: Context;
  readonly app: App;
  readonly surveys: readonly HostSurvey[];
  readonly recovered: readonly Recovered[];
  /** A run of this bastion whose hosts these are; its record may end though nothing was open. */
  readonly unfinished?: RunId | undefined;
}

/**
 * Ends the records of runs that hosts were recovered from. A host may name any run, so its word alone
 * ends none: the run must be dead by its own owner.json, its plan must have the host with what the
 * host says of it, and every host of the plan must have been read and be settled.
 */
export async function closeRecords(closing: Closing): Promise<void> {
  const { recovered, unfinished } = closing;
  const named = recovered.flatMap(({ run }) => (run === null ? [] : [run]));
  const runs = new Set([...named, ...(unfinished === undefined ? [] : [unfinished])]);
  for (const run of runs) {
    await closeRecord(closing, run).catch((error: unknown) => {
      // The hosts are recovered, whatever becomes of the records.
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
  const why = `${names} was not read or is not settled`;
  printWarning(context, `the record of run ${run} stays open: ${why}; fleet recover ends it`);
}

/** Ends the journal, the line of `deploy.log` and the history of a run, where they are kept here. */
async function recordEnd(
  { context, app, surveys, recovered }: Closing,
  plan: Plan,
  { events }: JournalReading,
): Promise<void> {
  const { run } = plan;
  const warn = (message: string): void => printWarning(context, message);
  const at = context.clock.now();
  const end = concludeDeadRun(plan, surveys, recovered);
  const startedAt = events[0]?.at ?? plan.createdAt;
  const recorders = await openRecorders(context, { app, plan, run: 'died', warn });
  const bus = createEventBus(() => at, run);
  for (const listener of recorders.listeners) bus.subscribe(listener);
  bus.emit({ type: 'run-ended', run, startedAt, ...end });
  await recorders.close();
}

const factsOf = (surveys: readonly HostSurvey[]): ReadonlyMap<string, HostFacts> =>
  new Map(
    surveys.flatMap((each) =>
      each.kind === 'read' && whyUnread(each.facts, 'state') === null
        ? [[placeOf(each.host), each.facts]]
        : [],
    ),
  );

/** Another inventory may call another machine by the same name. */
const placeOf = ({ name, address, ssh }: Host): string => `${name} ${address} ${ssh.port}`;

/** Whether a host says that it was left so by the run, and says it as the plan of the run has it. */
function isLeftBy(run: RunId, { txn, epoch }: HostPlan, facts: HostFacts | undefined): boolean {
  return facts?.run === run && (facts.txn === txn || facts.epoch === epoch);
}

const SETTLED: ReadonlySet<Recovered['state']> = new Set(['released', 'reverted', 'down']);

/** Hosts of a plan of which it is not known what the run has come to there. */
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

/** Whether a later run has acted on the host, so that what this one did there can be seen no more. */
function isOvertaken({ txn, epoch }: HostPlan, facts: HostFacts): boolean {
  if (facts.txn === null || facts.txn === txn) return false;
  return Number(facts.txn.split('.').at(-2)) > epoch;
}

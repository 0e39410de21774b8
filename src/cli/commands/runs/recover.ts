import { journalFolder } from '../../../engine/journal/journal.js';
import { listRuns, readJournal } from '../../../engine/journal/journal-reading.js';
import { runLiveness } from '../../../engine/journal/run-owner.js';
import { heldElsewhere, mayBeAlive, needsPerson } from '../../../engine/recover/left-hosts.js';
import { type Recovered, unfinishedHosts } from '../../../engine/recover/recover.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import type { RunId } from '../../../model/names.js';
import type { FleetLink } from '../../connect/fleet-link.js';
import { withOwnConnections } from '../../connect/own-connections.js';
import { exitForSurveys, withLink } from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson, printLines, printWarning, tableLook } from '../../context/output.js';
import { openTarget, type Target } from '../../context/workspace.js';
import { holderLines, holdersOf, holding } from '../../records/holders.js';
import { withHistoryNow } from '../../records/records.js';
import { agreeToRecover, refuseAlive } from '../../recovery/agree-to-recover.js';
import { recoveredLines } from '../../recovery/recovered-lines.js';
import { recoverSurveyed } from '../../recovery/recovery.js';
import type { RecoverOptions } from '../../session/flags.js';

/** The hosts of a group, or those of one run of this bastion that never ended. */
interface RecoveryTarget extends Target {
  readonly unfinished?: RunId;
}

interface Report extends Target {
  readonly recovered: readonly Recovered[];
  readonly exitCode: ExitCode;
}

/**
 * `fleet recover`: settles hosts that a dead run left locked or unfinished, by what their own
 * state says. Without `-g`, the hosts of every run of this bastion that never ended.
 * A run that may be alive is not recovered, unless forced.
 */
export const recover: Action<RecoverOptions> = async (context, options) => {
  const targets: readonly RecoveryTarget[] =
    options.group.length === 0
      ? await unfinished(context, options)
      : [await openTarget(context, options)];
  const reports = await withLink(context, options, async (link, signal) => {
    const done: Report[] = [];
    for (const target of targets) {
      done.push(await recoverTarget(target, { context, options, link, signal }));
    }
    return done;
  });
  report(context, options, reports);
  return gravest(reports.map(({ exitCode }) => exitCode));
};

interface Work {
  readonly context: Context;
  readonly options: RecoverOptions;
  readonly link: FleetLink;
  readonly signal: AbortSignal;
}

async function recoverTarget(target: RecoveryTarget, work: Work): Promise<Report> {
  const { context, options, link, signal } = work;
  const { app, unfinished } = target;
  const fleet = link.to(target);
  const force = options.force === true;
  const read = await fleet.survey(signal);
  const busy = heldElsewhere(context.stateDir, unfinishedHosts(read), { unfinished, force });
  const surveys = read.filter(({ host }) => !busy.some((each) => each.host === host.name));
  const left = unfinishedHosts(surveys);
  if (!force && left.some((each) => mayBeAlive(context.stateDir, each))) {
    const holders = await holdersOf(context, target, holding(surveys));
    printLines(context.stderr, holderLines(context, target, holders));
    refuseAlive(context, left);
  }
  if (left.length > 0) await agreeToRecover(context, options, { ...target, left });
  const call = fleet.caller();
  const decided = await recoverSurveyed({
    ...{ context, app, surveys, call, force, signal, unfinished },
    reason: options.reason,
  });
  const recovered = [...decided, ...busy, ...surveys.flatMap(needsPerson)];
  return { ...target, recovered, exitCode: exitFor(recovered) ?? exitForSurveys(surveys) };
}

/** The hosts of every run that this bastion started and that never ended. */
async function unfinished(
  context: Context,
  options: RecoverOptions,
): Promise<readonly RecoveryTarget[]> {
  const targets: RecoveryTarget[] = [];
  for (const run of await listRuns(context.stateDir)) {
    const { plan, planProblem, ended } = await readJournal(journalFolder(context.stateDir, run));
    if (planProblem !== null && !ended) passOver(context, run, planProblem);
    if (plan === null || ended || runLiveness(context.stateDir, run) === 'alive') continue;
    const own = await withOwnConnections(context, options, plan);
    const hosts = own.hosts.map(({ host }) => host);
    const app = await withHistoryNow(context, options, plan.app);
    targets.push({ app, group: plan.group, hosts, unfinished: run });
  }
  return targets;
}

/** One run with a damaged record does not block the recovery of the others. */
function passOver(context: Context, run: RunId, problem: string): void {
  printWarning(
    context,
    `run ${run} is ignored, because its record cannot be used: ${problem}; settle its hosts with: fleet recover -g GROUP`,
  );
}

function report(context: Context, options: CommonOptions, reports: readonly Report[]): void {
  const hosts = reports.flatMap(({ recovered }) => recovered);
  if (options.json === true) {
    const [first] = reports;
    const { app = null, group = null } = { app: first?.app.name, group: first?.group };
    return printJson(context, { schemaVersion: 1, app, group, hosts });
  }
  if (hosts.length === 0) {
    context.stdout.write('Every host is settled and unlocked; nothing to recover.\n');
    return;
  }
  printLines(context.stdout, recoveredLines(hosts, tableLook(context, options)));
  for (const run of mixedRuns(context, hosts)) {
    printLines(context.stderr, [
      `The hosts of run ${run} are on different releases. To continue it: fleet resume ${run}`,
    ]);
  }
}

/** Runs of this bastion that left some hosts on one release and some on another. */
function mixedRuns(context: Context, hosts: readonly Recovered[]): readonly RunId[] {
  const runs = [...new Set(hosts.map(({ run }) => run))].filter((run) => run !== null);
  return runs.filter((run) => {
    const releases = hosts.filter((host) => host.run === run).map(({ current }) => current);
    return new Set(releases).size > 1 && runLiveness(context.stateDir, run) === 'dead';
  });
}

/** Null if every unfinished host is settled now. */
function exitFor(recovered: readonly Recovered[]): ExitCode | null {
  const has = (...states: readonly Recovered['state'][]): boolean =>
    recovered.some(({ state }) => states.includes(state));
  if (has('down', 'unknown')) return EXIT.incomplete;
  return has('locked') ? EXIT.locked : null;
}

function gravest(codes: readonly ExitCode[]): ExitCode {
  const order = [EXIT.incomplete, EXIT.locked, EXIT.preflight, EXIT.partial];
  return order.find((code) => codes.includes(code)) ?? EXIT.ok;
}

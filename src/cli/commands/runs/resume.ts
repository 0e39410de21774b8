import { type ReadRelease, readRelease } from '../../../artifact/prepare.js';
import { findConfig, loadConfigs, resolveApp } from '../../../config/fleet/file.js';
import { readHooks } from '../../../engine/hooks/hooks-begun.js';
import { settleHooks, withSettled } from '../../../engine/hooks/settle-hooks.js';
import { runLiveness } from '../../../engine/journal/run-owner.js';
import { draftResumed, wasAskedFor } from '../../../engine/plan/resume.js';
import type { HostReading } from '../../../engine/reading/host-reading.js';
import { unfinishedHosts } from '../../../engine/recover/recover.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { hasRelease } from '../../../host/reply/facts.js';
import { splitList } from '../../../model/hosts/select.js';
import type { RunId } from '../../../model/names.js';
import type { CommandChange } from '../../../model/releases/choose/retype.js';
import type { Plan } from '../../../model/runs/plan.js';
import { isResumable } from '../../../model/runs/run.js';
import { countText } from '../../../model/text/count-text.js';
import { endText } from '../../../ui/text/labels.js';
import { withOwnConnections } from '../../connect/own-connections.js';
import type { Action } from '../../context/command.js';
import { refuseUnattended } from '../../context/consent.js';
import type { Context } from '../../context/context.js';
import { printJson } from '../../context/output.js';
import { workFolder } from '../../context/work-folder.js';
import { findRunAnywhere } from '../../records/find-anywhere.js';
import type { FoundRun } from '../../records/find-run.js';
import { withHistoryNow } from '../../records/records.js';
import { refuseAlive } from '../../recovery/agree-to-recover.js';
import { readHosts, recoverHosts } from '../../recovery/free-hosts.js';
import { buildOf, whileBuilding } from '../../rollout/build.js';
import { type PreparedRun, releaseSource } from '../../rollout/prepare-run.js';
import { confirmAndExecute, consentTo, refuseTwoResults } from '../../rollout/rollout.js';
import { packUploads, type Uploads } from '../../rollout/uploads.js';
import { wholePlan } from '../../rollout/whole-plan.js';
import type { ResumeOptions } from '../../session/flags.js';
import type { RunOptions } from '../../session/run-options.js';
import { withRunSession } from '../../session/run-session.js';
import type { Session } from '../../session/session.js';
import { tellLivingRun } from './control.js';

/**
 * `fleet resume RUN`: a paused run that is alive continues in its own process; one that ended paused, or
 * whose controller died, continues here, in a newer epoch.
 */
export const resume: Action<ResumeOptions> = async (context, options, [reference = '']) => {
  refuseTwoResults(options);
  const found = await findRunAnywhere(context, options, reference);
  refuseOver(found);
  if (!found.journal.ended && runLiveness(context.stateDir, found.run) === 'alive') {
    const state = await tellLivingRun(context, found, {
      action: 'resume',
      reason: options.reason,
    });
    const { run } = found;
    if (options.json === true)
      printJson(context, { schemaVersion: 1, run, action: 'resume', state });
    else context.stdout.write(`Run ${run} ${state}.\n`);
    return EXIT.ok;
  }
  refuseUnattended(context, options, consentTo('resumed run'));
  return goOn(context, options, found);
};

/** A run keeps its hosts: only the limit can be changed. */
const retypeResume =
  (run: RunId) =>
  ({ maxUnavailable }: CommandChange): string | null =>
    maxUnavailable === undefined ? null : `fleet resume ${run} --max-unavailable ${maxUnavailable}`;

function refuseOver({ run, journal }: FoundRun): void {
  const last = journal.events.at(-1);
  if (last?.type !== 'run-ended' || isResumable(last.state)) return;
  throw new FleetError('run_over', `run ${run} has ended: ${endText(last.state, last.exitCode)}`, {
    hint: 'start a new deploy or rollback',
  });
}

async function goOn(context: Context, options: ResumeOptions, found: FoundRun): Promise<ExitCode> {
  const { run } = found;
  const hooks = readHooks(found.journal.events, found.plan.app.hooks);
  const decisions = { done: options.hookDone, again: options.hookAgain };
  const settledHooks = settleHooks(run, hooks, decisions);
  const whole = await wholePlan(context, options, found.plan);
  const plan = await withOwnConnections(context, options, whole);
  const hosts = plan.hosts.map(({ host }) => host);
  const app = await withHistoryNow(context, options, plan.app);
  const needs = { run, target: { app, group: plan.group, hosts }, locks: true };
  return withRunSession(context, options, needs, async (session) => {
    const surveys = await readSettled(session);
    const uploads = await uploadsFor(session, options, { plan, surveys });
    try {
      const resumed = draftResumed({
        plan,
        surveys,
        agreedTo: wasAskedFor(found.journal),
        operator: context.operator,
        person: context.person,
        reason: options.reason,
        diskBytes: uploads?.diskBytes ?? 0,
        inodes: uploads?.inodes,
        deltas: uploads?.deltas,
        uploadBytes: uploads?.archive?.bytes,
        maxUnavailable: options.maxUnavailable?.size ?? null,
        hooks: withSettled(hooks, settledHooks),
      });
      const prepared: PreparedRun = {
        ...{ plan: resumed, uploads, warnings: [], settledHooks },
        takenFrom: found.plan.operator,
      };
      session.reporter.pause();
      const left = resumed.hosts.filter(({ done }) => !done).length;
      const question = questionFor(resumed, left);
      return await confirmAndExecute(session, prepared, { question, retype: retypeResume(run) });
    } finally {
      await uploads?.dispose();
    }
  });
}

function questionFor({ kind, app, release, group }: Plan, left: number): string {
  const rest = `${countText(left, 'host')} of ${group}`;
  return `Continue the ${kind} of ${app.name} to ${release.id}, on ${rest}?`;
}

/** Rolls back what the dead controller had in flight; the run continues from settled hosts. */
async function readSettled(session: Session) {
  const surveys = await readHosts(session);
  const left = unfinishedHosts(surveys);
  if (left.length === 0) return surveys;
  refuseAlive(session.context, left);
  const many = countText(left.length, 'host');
  session.reporter.say(`The run left ${many} unfinished; they are settled first.`);
  await recoverHosts(session, surveys, { closes: false });
  return readHosts(session);
}

/** What a build needs of fleet.yaml; without one, this folder. */
async function nearestProject(context: Context, options: RunOptions, { app, group }: Plan) {
  try {
    const file = await findConfig(context.cwd, options.config, context.env);
    const configs = await loadConfigs(file, context);
    const config = configs.find((each) => each.app.name === app.name) ?? configs[0];
    const { release } = resolveApp(config, splitList([group]));
    return { projectDir: config.dir, configured: release.from };
  } catch {
    return { projectDir: context.cwd, configured: null };
  }
}

/** The release may still have to be sent; then its source must have the same content. */
async function uploadsFor(
  session: Session,
  options: RunOptions,
  { plan, surveys }: { readonly plan: Plan; readonly surveys: readonly HostReading[] },
): Promise<Uploads | null> {
  const lacking = surveys.some(
    (each) => each.kind === 'read' && !hasRelease(each.facts, plan.release),
  );
  if (plan.kind === 'rollback' || !lacking) return null;
  const read = await readAgain(session, options, plan);
  try {
    if (read.release.digest !== plan.release.digest) throw otherSource(plan);
    const hosts = surveys.filter((each) => each.kind === 'read');
    return await packUploads(session, read, { release: plan.release, hosts });
  } catch (error) {
    await read.dispose();
    throw error;
  }
}

/** A folder has what was built; a commit is built again. */
async function readAgain(session: Session, options: RunOptions, plan: Plan): Promise<ReadRelease> {
  const { context, interrupts } = session;
  const source = releaseSource(session, options.from);
  const project = await nearestProject(context, options, plan);
  const building = { ...project, wanted: source.kind === 'git', isTyped: true };
  const build = buildOf(session, source, building);
  return whileBuilding(session, { source, build }, () =>
    readRelease(source, {
      tmpDir: workFolder(context),
      now: context.clock.now,
      links: session.target.app.release.links,
      env: context.env,
      signal: interrupts.interrupt,
      build,
    }),
  );
}

function otherSource(plan: Plan): FleetError {
  return new FleetError('source_invalid', `the source is not release ${plan.release.id} any more`, {
    hint: 'pass the original source, e.g. --from git:COMMIT',
  });
}

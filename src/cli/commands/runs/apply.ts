import type { ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import type { PlanFile } from '../../../model/runs/plan-file.js';
import { parseSize } from '../../../model/runs/size.js';
import { countText } from '../../../model/text/count-text.js';
import { formatDuration } from '../../../model/text/duration.js';
import type { Action } from '../../context/command.js';
import { refuseUnattended } from '../../context/consent.js';
import type { Context } from '../../context/context.js';
import { printWarning } from '../../context/output.js';
import { newRunId } from '../../context/run-id.js';
import { openTarget } from '../../context/workspace.js';
import { prepareApplied } from '../../rollout/prepare-applied.js';
import { readPlanFile } from '../../rollout/read-plan-file.js';
import { refuseApplied } from '../../rollout/refuse-applied.js';
import { confirmAndExecute, consentTo, refuseTwoResults } from '../../rollout/rollout.js';
import type { ApplyOptions } from '../../session/flags.js';
import { type RunOptions, withOptions } from '../../session/run-options.js';
import { withRunSession } from '../../session/run-session.js';

/** A plan that waited longer for its approval is applied, with a warning. */
const OLD_MS = 24 * 3_600_000;

/**
 * `fleet apply FILE`: carries out the plan of a file. The plan is made again, from the same source, and
 * must come out the same; else nothing is done, and everything that has changed is shown.
 */
export const apply: Action<ApplyOptions> = async (context, options, [path = '']) => {
  refuseUnattended(context, options, consentTo('applied plan'));
  refuseTwoResults(options);
  refuseSelection(options);
  const file = await readPlanFile(context, path);
  refuseOtherApp(options, file);
  await refuseApplied(context, file);
  return applyFile(context, withAsked(options, file), file);
};

async function applyFile(
  context: Context,
  options: ApplyOptions,
  file: PlanFile,
): Promise<ExitCode> {
  const { projectDir, ...opened } = await openTarget(context, options);
  const target = { ...opened, app: withOptions(opened.app, options) };
  // A run of its own: if two people apply one plan at a time, the hosts take the first.
  const needs = { run: newRunId(context), target, locks: true };
  return withRunSession(context, options, needs, async (session) => {
    const prepared = await prepareApplied(session, { file, projectDir, builds: options.build });
    try {
      session.reporter.pause();
      for (const message of prepared.warnings) printWarning(context, message);
      warnOfAge(context, file);
      return await confirmAndExecute(session, prepared, {
        question: questionFor(file),
        // A plan of a file cannot be changed.
        retype: () => null,
      });
    } finally {
      await prepared.uploads?.dispose();
    }
  });
}

/** The options with which the plan was made. */
function withAsked(
  options: ApplyOptions,
  { asked, plan: { app, reason } }: PlanFile,
): ApplyOptions {
  const { groups, limit, maxUnavailable } = asked;
  const size = maxUnavailable === null ? null : parseSize(maxUnavailable);
  return {
    ...options,
    app: app.name,
    ...(reason === null || options.reason !== undefined ? {} : { reason }),
    group: groups,
    ...(limit === null ? {} : { limit }),
    ...(maxUnavailable === null || size === null
      ? {}
      : { maxUnavailable: { size, text: maxUnavailable } }),
  };
}

function refuseSelection({ group, limit }: RunOptions): void {
  if (group.length === 0 && limit === undefined) return;
  throw new FleetError('usage', 'a plan file names its hosts, so -g and -l cannot be given', {
    hint: 'leave them out, or make a new plan for other hosts',
  });
}

function refuseOtherApp({ app }: ApplyOptions, { plan }: PlanFile): void {
  if (app === undefined || app === plan.app.name) return;
  throw new FleetError('usage', `the plan is of the app ${plan.app.name}, not of ${app}`, {
    hint: 'leave out --app: a plan file names its app',
  });
}

function warnOfAge(context: Context, { plan }: PlanFile): void {
  const age = context.clock.now().getTime() - Date.parse(plan.createdAt);
  if (age < 0)
    printWarning(context, 'the plan was made in the future: check the clock of this machine');
  if (age <= OLD_MS) return;
  const hours = formatDuration(Math.floor(age / 3_600_000) * 3_600_000);
  printWarning(context, `the plan was made ${hours} ago, by ${plan.operator}`);
}

function questionFor({ plan: { kind, app, release, group, hosts, operator } }: PlanFile): string {
  const where = `${countText(hosts.length, 'host')} of ${group}`;
  const what =
    kind === 'deploy'
      ? `deploy ${app.name} ${release.id} to ${where}`
      : `roll ${app.name} back to ${release.id} on ${where}`;
  return `Apply the plan of ${operator}: ${what}?`;
}

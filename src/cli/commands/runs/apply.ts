import { judgeApproval } from '../../../engine/approval/judge.js';
import type { ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import type { PlanFile } from '../../../model/runs/plan-file.js';
import { applyApproved, orWait } from '../../approval/after-approval.js';
import { findApproval, nearestApprovals } from '../../approval/open-approvals.js';
import { approvalOf } from '../../approval/refusals.js';
import type { Action } from '../../context/command.js';
import { refuseUnattended } from '../../context/consent.js';
import type { Context } from '../../context/context.js';
import { applyFile, withAsked } from '../../rollout/apply-file.js';
import { readPlanFile } from '../../rollout/read-plan-file.js';
import { refuseApplied } from '../../rollout/refuse-applied.js';
import { consentTo, refuseTwoResults } from '../../rollout/rollout.js';
import type { ApplyOptions } from '../../session/flags.js';
import type { RunOptions } from '../../session/run-options.js';

/**
 * `fleet apply FILE`: carries out the plan of a file. The plan is made again, from the same source, and
 * must come out the same; else nothing is done, and everything that has changed is shown.
 */
export const apply: Action<ApplyOptions> = async (context, options, [path]) => {
  refuseUnattended(context, options, consentTo('applied plan'));
  refuseTwoResults(options);
  refuseSelection(options);
  const { approved } = options;
  if ((path === undefined) === (approved === undefined)) throw onePlan();
  if (approved !== undefined) return applyWaiting(context, options, approved);
  const file = await readPlanFile(context, path ?? '');
  refuseOtherApp(options, file);
  await refuseApplied(context, file);
  const asked = withAsked(options, file);
  return orWait(context, asked, await applyFile(context, asked, { file }));
};

/** The plan that waited for another person; found where the nearest fleet.yaml says. */
async function applyWaiting(
  context: Context,
  options: ApplyOptions,
  reference: string,
): Promise<ExitCode> {
  const { store, state } = await findApproval(await nearestApprovals(context, options), reference);
  const { run, digest } = state.request.document;
  const approval = judgeApproval(state, { digest, now: context.clock.now() });
  if (approval.kind === 'waiting') {
    const waiting = { run, store, digest, expiresAt: state.request.document.expiresAt };
    return orWait(context, options, waiting);
  }
  approvalOf(approval, run);
  return applyApproved(context, options, { store, run });
}

const onePlan = (): FleetError =>
  new FleetError('usage', 'fleet apply needs a plan file, or --approved with a run, not both');

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

import type { ExitCode } from '../../errors/codes.js';
import type { Plan } from '../../model/runs/plan.js';
import type { PlanFile } from '../../model/runs/plan-file.js';
import { parseSize } from '../../model/runs/size.js';
import { countText } from '../../model/text/count-text.js';
import { formatDuration } from '../../model/text/duration.js';
import {
  type Approved,
  passOrAsk,
  refuseWithoutReason,
  useApproval,
  type Waiting,
} from '../approval/gate.js';
import type { Context } from '../context/context.js';
import { printWarning } from '../context/output.js';
import { newRunId } from '../context/run-id.js';
import { openTarget } from '../context/workspace.js';
import type { ApplyOptions } from '../session/flags.js';
import { withOptions } from '../session/run-options.js';
import { withRunSession } from '../session/run-session.js';
import { prepareApplied } from './prepare-applied.js';
import { confirmAndPass } from './rollout.js';

/** A plan that waited longer for its approval is applied, with a warning. */
const OLD_MS = 24 * 3_600_000;

/** A plan of a file, and what shows that a second person has approved it. */
export interface FileToApply {
  readonly file: PlanFile;
  readonly approved?: Approved;
}

/** Makes the plan of a file again, and carries it out if nothing has changed and it needs no second person. */
export async function applyFile(
  context: Context,
  options: ApplyOptions,
  { file, approved }: FileToApply,
): Promise<ExitCode | Waiting> {
  const { projectDir, ...opened } = await openTarget(context, options);
  const target = { ...opened, app: withOptions(opened.app, options) };
  refuseWithoutReason({ target, options });
  // A run of its own: if two people apply one plan at a time, the hosts take the first.
  const needs = { run: approved?.run ?? newRunId(context), target, locks: true };
  return withRunSession(context, options, needs, async (session) => {
    const prepared = await prepareApplied(session, { file, projectDir, builds: options.build });
    try {
      session.reporter.pause();
      for (const message of prepared.warnings) printWarning(context, message);
      warnOfAge(context, file);
      return await confirmAndPass(session, prepared, {
        question: questionFor(file),
        // A plan of a file cannot be changed.
        retype: () => null,
        gate: async (plan: Plan) =>
          approved === undefined
            ? passOrAsk(session, plan, { asked: file.asked, projectDir })
            : { kind: 'open', plan: await useApproval(session, plan, approved) },
      });
    } finally {
      await prepared.uploads?.dispose();
    }
  });
}

/** The options with which the plan was made. */
export function withAsked(
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

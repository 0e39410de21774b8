import { refuseBlocked } from '../../engine/plan/refuse-blocked.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { CommandChange, Retype } from '../../model/releases/choose/retype.js';
import { blockOf } from '../../model/runs/block.js';
import type { Plan } from '../../model/runs/plan.js';
import { countText } from '../../model/text/count-text.js';
import { planJson } from '../../ui/reports/plan/json.js';
import { planLines } from '../../ui/reports/plan/text.js';
import { runJson } from '../../ui/reports/run/json.js';
import { obtainConsent, refuseUnattended } from '../context/consent.js';
import type { Context } from '../context/context.js';
import { outputMode, printJson, printLines, printWarning, styleFor } from '../context/output.js';
import { newRunId } from '../context/run-id.js';
import { openTarget } from '../context/workspace.js';
import { type RunOptions, withOptions } from '../session/run-options.js';
import { withRunSession } from '../session/run-session.js';
import type { Session } from '../session/session.js';
import { executePlan } from './execute.js';
import { planOutput, type WrittenPlan, writtenLines } from './plan-output.js';
import { type PreparedRun, prepareRun, type RolloutRequest } from './prepare-run.js';
import { retypeRollout } from './retype.js';

/** Plans a rollout, shows it, asks, and carries it out; with `dryRun` it ends after showing. */
export async function rollOut(
  context: Context,
  options: RunOptions,
  request: RolloutRequest & { readonly dryRun: boolean },
): Promise<ExitCode> {
  const { kind, dryRun } = request;
  const out = planOutput(context, options, request);
  if (!dryRun) refuseUnattended(context, options, consentTo(kind));
  refuseTwoResults(options);
  const opened = await openTarget(context, options);
  const { projectDir } = opened;
  const target = { ...opened, app: withOptions(opened.app, options) };
  const retype = retypeRollout({ app: target.app, options, request });
  const needs = { run: newRunId(context), target, locks: !dryRun };
  return withRunSession(context, options, needs, async (session) => {
    const prepared = await prepareRun(session, request, { retype, projectDir });
    try {
      session.reporter.pause();
      const wanted = { dryRun, retype, out: (plan: Plan) => out?.write(plan, projectDir) ?? null };
      return await decide(session, prepared, wanted);
    } finally {
      await prepared.uploads?.dispose();
    }
  });
}

interface Decision {
  readonly dryRun: boolean;
  readonly retype: Retype;
  /** Writes the plan to the file of `--out`; null if there is none. */
  readonly out: (plan: Plan) => WrittenPlan | null;
}

async function decide(
  session: Session,
  prepared: PreparedRun,
  { dryRun, retype, out }: Decision,
): Promise<ExitCode> {
  const { context } = session;
  const { plan } = prepared;
  for (const message of prepared.warnings) printWarning(context, message);
  if (dryRun) return showPlan(session, plan, { retype, out });
  return confirmAndExecute(session, prepared, { question: questionFor(plan), retype });
}

/** The question for a person, and the command that they are shown if the plan cannot proceed. */
export interface Confirmation {
  readonly question: string;
  /** Null if this part of the command cannot be changed. */
  readonly retype: (change: CommandChange) => string | null;
}

/** Shows a plan, asks, and carries it out. */
export async function confirmAndExecute(
  session: Session,
  prepared: PreparedRun,
  { question, retype }: Confirmation,
): Promise<ExitCode> {
  const { context, options } = session;
  const { plan } = prepared;
  const asks = options.yes !== true;
  if (asks || outputMode(context, options) !== 'quiet') {
    printLines(context.stderr, planLines(plan, styleFor(context, options, 'stderr')));
  }
  if (plan.hosts.length === 0) return nothingDone(session, plan);
  refuseBlocked(plan, retype);
  await obtainConsent(context, options, { ...consentTo(plan.kind), question });
  return executePlan(session, prepared);
}

/** A dry run's result is the plan itself, so it goes to stdout; one that is blocked is not kept. */
function showPlan(
  { context, options }: Session,
  plan: Plan,
  { retype, out }: Pick<Decision, 'retype' | 'out'>,
): ExitCode {
  const blocked = blockOf(plan) !== null;
  if (options.json === true) {
    printJson(context, planJson(plan, blocked ? null : out(plan)));
    return blocked ? EXIT.refused : EXIT.ok;
  }
  printLines(context.stdout, planLines(plan, styleFor(context, options, 'stdout')));
  refuseBlocked(plan, retype);
  const written = out(plan);
  if (written !== null) printLines(context.stderr, writtenLines(written, options));
  return EXIT.ok;
}

function nothingDone({ context, options }: Session, plan: Plan): ExitCode {
  const partial = plan.skipped.length > 0;
  const exitCode = partial ? EXIT.partial : EXIT.ok;
  if (options.json === true) {
    const state = partial ? 'succeeded_partial' : 'succeeded';
    const at = plan.createdAt;
    printJson(context, runJson({ plan, state, exitCode, startedAt: at, endedAt: at }));
  }
  return exitCode;
}

function questionFor({ kind, app, release, group, hosts }: Plan): string {
  const where = `${countText(hosts.length, 'host')} of ${group}`;
  return kind === 'deploy'
    ? `Deploy ${app.name} ${release.id} to ${where}?`
    : `Roll ${app.name} back to ${release.id} on ${where}?`;
}

export const consentTo = (what: string) => ({
  asks: `a ${what} asks before it changes anything`,
  instead: '--dry-run to see the plan',
});

export function refuseTwoResults(options: RunOptions): void {
  if (options.json !== true || options.output !== 'ndjson') return;
  throw new FleetError('usage', '--json and --output ndjson both write to stdout', {
    hint: 'use one: --json prints the result only, --output ndjson the events, and the result as the last',
  });
}

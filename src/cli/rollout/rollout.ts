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
import { type Gated, passOrAsk, refuseWithoutReason, type Waiting } from '../approval/gate.js';
import { obtainConsent, refuseUnattended } from '../context/consent.js';
import type { Context } from '../context/context.js';
import { outputMode, printJson, printLines, printWarning, styleFor } from '../context/output.js';
import { newRunId } from '../context/run-id.js';
import { openTarget } from '../context/workspace.js';
import { type RunOptions, withOptions } from '../session/run-options.js';
import { withRunSession } from '../session/run-session.js';
import type { Session } from '../session/session.js';
import { executePlan } from './execute.js';
import { askedBy, planOutput, type WrittenPlan, writtenLines } from './plan-output.js';
import { type PreparedRun, prepareRun, type RolloutRequest } from './prepare-run.js';
import { retypeRollout } from './retype.js';

/**
 * Plans a rollout, shows it, asks, and carries it out; with `dryRun` it ends after showing. A plan that has to wait for
 * a second person is the answer.
 */
export async function rollOut(
  context: Context,
  options: RunOptions,
  request: RolloutRequest & { readonly dryRun: boolean },
): Promise<ExitCode | Waiting> {
  const { kind, dryRun } = request;
  const out = planOutput(context, options, request);
  if (!dryRun) refuseUnattended(context, options, consentTo(kind));
  refuseTwoResults(options);
  const opened = await openTarget(context, options);
  const { projectDir } = opened;
  const target = { ...opened, app: withOptions(opened.app, options) };
  const retype = retypeRollout({ app: target.app, options, request });
  const needs = { run: newRunId(context), target, locks: !dryRun };
  if (!dryRun) refuseWithoutReason({ target, options });
  const asked = askedBy(options, request);
  return withRunSession(context, options, needs, async (session) => {
    const prepared = await prepareRun(session, request, { retype, projectDir });
    try {
      session.reporter.pause();
      const wanted = { dryRun, retype, out: (plan: Plan) => out?.write(plan, projectDir) ?? null };
      const gate = (plan: Plan) => passOrAsk(session, plan, { asked, projectDir });
      return await decide(session, prepared, { ...wanted, gate });
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
  readonly gate: Gate;
}

async function decide(
  session: Session,
  prepared: PreparedRun,
  { dryRun, retype, out, gate }: Decision,
): Promise<ExitCode | Waiting> {
  const { context } = session;
  const { plan } = prepared;
  for (const message of prepared.warnings) printWarning(context, message);
  if (dryRun) return showPlan(session, plan, { retype, out });
  return confirmAndPass(session, prepared, { question: questionFor(plan), retype, gate });
}

/** The question for a person, and the command that they are shown if the plan cannot proceed. */
export interface Confirmation {
  readonly question: string;
  /** Null if this part of the command cannot be changed. */
  readonly retype: (change: CommandChange) => string | null;
}

/** Whether a plan that a person has agreed to may start, or waits for another person. */
export type Gate = (plan: Plan) => Promise<Gated>;

/** Shows a plan, asks, and carries it out. */
export async function confirmAndExecute(
  session: Session,
  prepared: PreparedRun,
  confirmation: Confirmation,
): Promise<ExitCode> {
  return (await confirmed(session, prepared, confirmation)) ?? executePlan(session, prepared);
}

/** As {@link confirmAndExecute}, unless the plan has to wait. */
export async function confirmAndPass(
  session: Session,
  prepared: PreparedRun,
  { gate, ...confirmation }: Confirmation & { readonly gate: Gate },
): Promise<ExitCode | Waiting> {
  const end = await confirmed(session, prepared, confirmation);
  if (end !== null) return end;
  const gated = await gate(prepared.plan);
  if (gated.kind === 'waits') return gated.waiting;
  return executePlan(session, { ...prepared, plan: gated.plan });
}

/** Null once a person has agreed; the exit code if nothing is to be done. */
async function confirmed(
  session: Session,
  prepared: PreparedRun,
  { question, retype }: Confirmation,
): Promise<ExitCode | null> {
  const { context, options } = session;
  const { plan } = prepared;
  const asks = options.yes !== true;
  if (asks || outputMode(context, options) !== 'quiet') {
    printLines(context.stderr, planLines(plan, styleFor(context, options, 'stderr')));
  }
  if (plan.hosts.length === 0) return nothingDone(session, plan);
  refuseBlocked(plan, retype);
  await obtainConsent(context, options, { ...consentTo(plan.kind), question });
  return null;
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

import { EXIT, type ExitCode } from '../errors/codes.js';
import { FleetError } from '../errors/fleet-error.js';
import { createEventBus } from '../events/bus.js';
import type { Plan } from '../model/plan.js';
import { planJson, runJson } from '../ui/json.js';
import { planLines } from '../ui/plan-text.js';
import { confirm } from '../ui/prompt.js';
import { createReporter, type Reporter } from '../ui/reporter.js';
import { wantsColor, wantsUnicode } from '../ui/terminal.js';
import type { Context } from './context.js';
import { executePlan } from './execute.js';
import { openLink } from './fleet-link.js';
import { watchInterrupts } from './interrupts.js';
import { mayConfirm } from './may-confirm.js';
import type { CommonOptions } from './options.js';
import { outputMode, printJson, printLines, styleFor } from './output.js';
import { type Proposed, propose, type RolloutRequest } from './propose.js';
import type { Session } from './session.js';
import { openTarget } from './workspace.js';

/** Plans a rollout, shows it, asks, and carries it out; with `dryRun` it ends after showing. */
export async function rollOut(
  context: Context,
  options: CommonOptions,
  request: RolloutRequest & { readonly dryRun: boolean },
): Promise<ExitCode> {
  if (!request.dryRun && options.yes !== true && !mayConfirm(context, options))
    throw unattended(request.kind);
  if (options.json === true && options.output === 'ndjson') throw twoResults();
  const target = await openTarget(context, options);
  const reporter = openReporter(context, options);
  const bus = createEventBus(context.clock.now);
  bus.subscribe(reporter.listener);
  const interrupts = watchInterrupts(context, reporter.say);
  const link = openLink(context, options, {
    signal: interrupts.detach,
    beforeAsking: reporter.pause,
  });
  const clients = link.clients(target.app, target.hosts);
  const session: Session = {
    context,
    options,
    target,
    link,
    clients,
    bus,
    reporter,
    interrupts,
  };
  let proposed: Proposed | null = null;
  try {
    proposed = await propose(session, request);
    reporter.pause();
    return await decide(session, proposed, request.dryRun);
  } catch (error) {
    reporter.abandon();
    throw error;
  } finally {
    interrupts.dispose();
    await link.close();
    await proposed?.archive?.dispose();
  }
}

async function decide(session: Session, proposed: Proposed, dryRun: boolean): Promise<ExitCode> {
  const { context, options } = session;
  const { plan } = proposed;
  for (const message of proposed.warnings) context.stderr.write(`warning: ${message}\n`);
  if (dryRun) return showPlan(session, plan);
  const asks = options.yes !== true;
  if (asks || outputMode(context, options) !== 'quiet') {
    printLines(context.stderr, planLines(plan, styleFor(context, options, 'stderr')));
  }
  if (plan.hosts.length === 0) return nothingDone(session, plan);
  if (asks && !(await confirm(questionFor(plan), context))) {
    context.stderr.write('Not confirmed; nothing was changed.\n');
    return EXIT.refused;
  }
  return executePlan(session, proposed);
}

/** A dry run's result is the plan itself, so it goes to stdout. */
function showPlan({ context, options }: Session, plan: Plan): ExitCode {
  if (options.json === true) printJson(context, planJson(plan));
  else printLines(context.stdout, planLines(plan, styleFor(context, options, 'stdout')));
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

function questionFor(plan: Plan): string {
  const hosts = plan.hosts.length === 1 ? '1 host' : `${plan.hosts.length} hosts`;
  return plan.kind === 'deploy' ? `Deploy to ${hosts}?` : `Roll back ${hosts}?`;
}

function openReporter(context: Context, options: CommonOptions): Reporter {
  return createReporter({
    mode: outputMode(context, options),
    stdout: context.stdout,
    stderr: context.stderr,
    color: wantsColor(context.env, context.stderr, !options.color),
    unicode: wantsUnicode(context.env),
    now: () => context.clock.now().getTime(),
    verbosity: options.verbose,
    summary: options.json === true ? 'stderr' : 'stdout',
  });
}

function unattended(kind: RolloutRequest['kind']): FleetError {
  return new FleetError('confirmation_required', `a ${kind} asks before it changes anything`, {
    hint: 'there is no terminal to ask on: add --yes, or --dry-run to see the plan',
  });
}

function twoResults(): FleetError {
  return new FleetError('usage', '--json and --output ndjson both want stdout', {
    hint: 'take --json for the result alone, --output ndjson for the events, the last of which is it',
  });
}

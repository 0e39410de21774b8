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
  const mayAsk = options.input && context.stdin.isTTY === true && context.stderr.isTTY === true;
  if (!request.dryRun && options.yes !== true && !mayAsk) throw unattended(request.kind);
  const target = await openTarget(context, options);
  const reporter = openReporter(context, options);
  const bus = createEventBus(context.now);
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
  const shown = dryRun ? 'stdout' : 'stderr';
  const style = styleFor(context, options, shown);
  for (const message of proposed.warnings) context.stderr.write(`warning: ${message}\n`);
  const nothing = plan.hosts.length === 0;
  if (dryRun && options.json === true) {
    printJson(context, planJson(plan));
    return EXIT.ok;
  }
  const quiet = !dryRun && options.quiet === true && options.yes === true;
  if (!quiet) printLines(context[shown], planLines(plan, style));
  if (nothing || dryRun) {
    if (options.json === true) printJson(context, runJson(nothingDone(plan)));
    return plan.skipped.length > 0 && !dryRun ? EXIT.partial : EXIT.ok;
  }
  if (options.yes !== true && !(await confirm(questionFor(plan), context))) {
    context.stderr.write('Not confirmed; nothing was changed.\n');
    return EXIT.refused;
  }
  return executePlan(session, proposed);
}

function questionFor(plan: Plan): string {
  const hosts = plan.hosts.length === 1 ? '1 host' : `${plan.hosts.length} hosts`;
  return plan.kind === 'deploy' ? `Deploy to ${hosts}?` : `Roll back ${hosts}?`;
}

function nothingDone(plan: Plan) {
  const state = plan.skipped.length > 0 ? ('succeeded_partial' as const) : ('succeeded' as const);
  return { plan, state, exitCode: EXIT.ok, startedAt: plan.createdAt, endedAt: plan.createdAt };
}

function openReporter(context: Context, options: CommonOptions): Reporter {
  return createReporter({
    mode: outputMode(context, options),
    stdout: context.stdout,
    stderr: context.stderr,
    color: wantsColor(context.env, context.stderr, !options.color),
    unicode: wantsUnicode(context.env),
    now: () => context.now().getTime(),
    verbosity: options.verbose,
    summary: options.json === true ? 'stderr' : 'stdout',
  });
}

function unattended(kind: RolloutRequest['kind']): FleetError {
  return new FleetError('confirmation_required', `a ${kind} asks before it changes anything`, {
    hint: 'there is no terminal to ask on: add --yes, or --dry-run to see the plan',
  });
}

import {
  type BastionLock,
  type LockHolder,
  takeBastionLock,
} from '../../engine/lock/bastion-lock.js';
import { FleetError } from '../../errors/fleet-error.js';
import { createEventBus } from '../../events/bus.js';
import type { FleetEventBody } from '../../events/event.js';
import type { RunId } from '../../model/names.js';
import { createReporter, type Reporter } from '../../ui/run/reporter.js';
import { wantsColor, wantsUnicode } from '../../ui/terminal/terminal.js';
import { createCalmTerminal } from '../connect/calm-terminal.js';
import { openLink } from '../connect/fleet-link.js';
import type { Context } from '../context/context.js';
import { watchInterrupts } from '../context/interrupts.js';
import { learnSecrets } from '../context/known-secrets.js';
import { outputMode } from '../context/output.js';
import type { Target } from '../context/workspace.js';
import type { RunOptions } from './run-options.js';
import type { Session } from './session.js';
import { typedFlags } from './typed-flags.js';

/** What a session is for. */
export interface SessionRequest {
  readonly run: RunId;
  readonly target: Target;
  /** False for what writes nothing anywhere. */
  readonly locks: boolean;
}

/**
 * Does `work` with everything that a run needs in place: the reporter, Ctrl-C, the lock of the
 * bastion, connections. All of it is closed, however the work ends.
 */
export async function withRunSession<Result>(
  context: Context,
  options: RunOptions,
  request: SessionRequest,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { run, target } = request;
  const reporter = openReporter(context, options);
  const terminal = createCalmTerminal(context.stdin, reporter.clear);
  if (outputMode(context, options) === 'tree') terminal.calm();
  await learnSecrets(context, target);
  const mask = (body: FleetEventBody): FleetEventBody => context.secrets.maskTexts(body);
  const bus = createEventBus(context.clock.now, null, mask);
  bus.subscribe(reporter.listener);
  let begun = false;
  bus.subscribe(({ type }) => {
    begun ||= type === 'run-started' || type === 'step-sent';
  });
  // While hosts are only read, the first Ctrl-C already ends the command.
  const interrupts = watchInterrupts(context, (line) => {
    if (begun) reporter.say(line);
  });
  const link = openLink(context, options, {
    signal: interrupts.detach,
    beforeAsking() {
      reporter.pause();
      terminal.calm();
    },
  });
  let lock: BastionLock | null = null;
  try {
    if (request.locks) {
      const onWait = (holder: LockHolder): void => reporter.say(waitingText(holder));
      const { interrupt: signal } = interrupts;
      const wait = { clock: context.clock, waitMs: options.lockWait ?? 0, signal, onWait };
      lock = await takeBastionLock(context.stateDir, lockWish(context, request), wait);
    }
    const common = { context, options, target, run, lock };
    return await work({ ...common, fleet: link.to(target, bus), bus, reporter, interrupts });
  } catch (error) {
    reporter.abandon();
    throw begun || !interrupts.interrupt.aborted ? error : nothingChanged();
  } finally {
    terminal.dispose();
    interrupts.dispose();
    lock?.release();
    await link.close();
  }
}

function lockWish({ operator }: Context, { run, target: { app, group } }: SessionRequest) {
  return { run, app: app.name, group, owner: operator, leaseMs: app.policy.leaseMs };
}

const nothingChanged = (): FleetError =>
  new FleetError('interrupted', 'interrupted; nothing was changed');

const waitingText = ({ run, owner }: LockHolder): string =>
  `Waiting for run ${run} of ${owner} to end.`;

function openReporter(context: Context, options: RunOptions): Reporter {
  return createReporter({
    mode: outputMode(context, options),
    stdout: context.stdout,
    stderr: context.stderr,
    color: wantsColor(context.env, context.stderr, !options.color),
    unicode: wantsUnicode(context.env),
    now: () => context.clock.now().getTime(),
    verbosity: options.verbose,
    summary: options.json === true ? 'stderr' : 'stdout',
    typed: typedFlags(options),
  });
}

import type { HostReading } from '../../engine/reading/host-reading.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import type { Context } from '../context/context.js';
import { watchInterrupts } from '../context/interrupts.js';
import type { CommonOptions } from '../context/options.js';
import { openTarget, type Target } from '../context/workspace.js';
import { createCalmTerminal } from './calm-terminal.js';
import { type FleetLink, openLink, type SurveyOptions } from './fleet-link.js';

/** Connects to the target's hosts for as long as `work` takes; the first Ctrl-C ends it. */
export async function withLink<Result>(
  context: Context,
  options: CommonOptions,
  work: (link: FleetLink, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { interrupt, dispose } = watchInterrupts(context, () => undefined);
  const terminal = createCalmTerminal(context.stdin);
  const link = openLink(context, options, { signal: interrupt, beforeAsking: terminal.calm });
  try {
    return await work(link, interrupt);
  } finally {
    dispose();
    terminal.dispose();
    await link.close();
  }
}

export interface TargetReading {
  readonly target: Target;
  readonly surveys: readonly HostReading[];
}

/** Reads every host of the target; nothing is written. */
export async function readTarget(
  context: Context,
  options: CommonOptions,
  how?: SurveyOptions,
): Promise<TargetReading> {
  const target = await openTarget(context, options);
  const surveys = await withLink(context, options, (link, signal) =>
    link.to(target).survey(signal, how),
  );
  return { target, surveys };
}

/** 0 if every host answered, 3 if some did, 9 if none did. */
export function exitForSurveys(surveys: readonly HostReading[]): ExitCode {
  const read = surveys.filter((each) => each.kind === 'read').length;
  if (read === surveys.length) return EXIT.ok;
  return read === 0 ? EXIT.preflight : EXIT.partial;
}

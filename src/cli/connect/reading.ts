import type { ComparedHost } from '../../engine/reading/compare-releases.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import type { Compared } from '../../host/steps/compare-step.js';
import type { VerifiedHost } from '../../ui/reports/status/verified.js';
import type { Context } from '../context/context.js';
import { watchInterrupts } from '../context/interrupts.js';
import type { CommonOptions } from '../context/options.js';
import { openTarget, openTargets, type Target } from '../context/workspace.js';
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

/** Reads every host of the target; nothing is written. Throws as {@link openTarget}. */
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

/** As {@link readTarget}, for every app that has hosts there, if none is named. */
export async function readTargets(
  context: Context,
  options: CommonOptions,
  howOf: (target: Target) => SurveyOptions | Promise<SurveyOptions> = () => ({}),
): Promise<readonly [TargetReading, ...TargetReading[]]> {
  const [first, ...others] = await openTargets(context, options);
  return withLink(context, options, async (link, signal) => {
    const read = async (target: Target): Promise<TargetReading> => {
      const surveys = await link.to(target).survey(signal, await howOf(target));
      return { target, surveys };
    };
    const [firstRead, ...othersRead] = await Promise.all([read(first), ...others.map(read)]);
    return [firstRead, ...othersRead];
  });
}

/** A reading of every host, with what those that answered found of the files of their releases. */
export interface VerifiedReading extends TargetReading {
  /** Null if nothing was compared. */
  readonly verified: readonly VerifiedHost[] | null;
}

/** As {@link readTargets}; then every host that answered compares releases with their manifests, file by file. */
export async function readAndCompare(
  context: Context,
  options: CommonOptions,
  compared: Extract<Compared, { readonly kind: 'current' | 'all' }> | null,
): Promise<readonly [VerifiedReading, ...VerifiedReading[]]> {
  const [first, ...others] = await openTargets(context, options);
  return withLink(context, options, async (link, signal) => {
    const read = async (target: Target): Promise<VerifiedReading> => {
      const fleet = link.to(target);
      const surveys = await fleet.survey(signal);
      if (compared === null) return { target, surveys, verified: null };
      const hosts = surveys.filter(({ kind }) => kind === 'read').map(({ host }) => host);
      const found = await fleet.compare({ hosts, compared, check: 'content' }, signal);
      return { target, surveys, verified: found.map(verifiedHost) };
    };
    const [firstRead, ...othersRead] = await Promise.all([read(first), ...others.map(read)]);
    return [firstRead, ...othersRead];
  });
}

function verifiedHost(found: ComparedHost): VerifiedHost {
  const { host } = found;
  return found.kind === 'read'
    ? { host, releases: found.drifts }
    : { host, releases: [], error: found.failure };
}

/** 0 if every host answered, 3 if some did, 9 if none did. */
export function exitForSurveys(surveys: readonly HostReading[]): ExitCode {
  const read = surveys.filter((each) => each.kind === 'read').length;
  if (read === surveys.length) return EXIT.ok;
  return read === 0 ? EXIT.preflight : EXIT.partial;
}

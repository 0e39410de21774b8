import { FleetError } from '../../errors/fleet-error.js';
import type { RunFilter, RunPeriod } from '../../history/store.js';
import { splitList } from '../../model/hosts/select.js';
import { asRunId, isRunId } from '../../model/names.js';
import { type DayEnd, parseMoment } from '../../model/text/moment.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import type { HistoryOptions, PeriodOptions } from '../session/history-flags.js';
import { flag, typedWhere } from '../session/typed-flags.js';

/** Which runs the flags of `fleet history` ask for. Throws `usage`, which names the flag and the remedy. */
export function askedRuns(
  context: Context,
  options: HistoryOptions,
  apps: readonly string[] | undefined,
): RunFilter {
  const { host, by: operator, state, release, kind, before, last: limit } = options;
  if (before !== undefined && !isRunId(before)) {
    throw new FleetError('usage', `--before ${JSON.stringify(before)} is no run id`, {
      hint: 'Take the last one of a page: fleet history shows the ids.',
    });
  }
  return {
    ...askedPeriod(context, options, apps),
    ...{ host, operator, state, release, kind, limit },
    before: before === undefined ? undefined : asRunId(before),
  };
}

/** The apps, the group and the time that flags ask for. Throws `usage`. */
export function askedPeriod(
  context: Context,
  options: PeriodOptions,
  apps: readonly string[] | undefined,
): RunPeriod {
  const since = askedTime(context, options.since, ['--since', 'begin']);
  const until = askedTime(context, options.until, ['--until', 'end']);
  if (since !== undefined && until !== undefined && since >= until) {
    throw new FleetError(
      'usage',
      `--since ${options.since} is not before --until ${options.until}`,
      {
        hint: 'Exchange the two, or leave one out.',
      },
    );
  }
  return { apps: askedApps(options, apps), group: askedGroup(options), since, until };
}

/** A run has its groups as they were typed, joined by commas. */
const askedGroup = ({ group }: CommonOptions): string | undefined =>
  group.length === 0 ? undefined : splitList(group).join(',');

/** Those of the fleet.yaml; without one, any app may be in the history. */
export const askedApps = (
  { app }: CommonOptions,
  apps: readonly string[] | undefined,
): readonly string[] | undefined => apps ?? (app === undefined ? undefined : [app]);

/** The time that a flag gives; undefined without it. Throws `usage`. */
export function askedTime(
  { clock }: Context,
  text: string | undefined,
  [name, end]: readonly [name: string, end: DayEnd],
): Date | undefined {
  if (text === undefined) return undefined;
  const found = parseMoment(text.trim(), clock.now(), end);
  if (found !== null) return found;
  throw new FleetError('usage', `${name} ${JSON.stringify(text)} is no time`, {
    hint:
      'Write a day (2026-01-31), a day and a time of this machine ("2026-01-31 16:41"), ' +
      'RFC 3339 (2026-01-31T16:41:00Z), or how long ago: 90m, 12h, 3d, 2w.',
  });
}

/** The command for the runs that follow on a page. */
export const nextPage = (options: HistoryOptions, last: string): string =>
  [
    'fleet history',
    ...typedWhere(options),
    ...flag('--host', options.host),
    ...flag('--by', options.by),
    ...flag('--state', options.state),
    ...flag('--release', options.release),
    ...flag('--kind', options.kind),
    ...flag('--since', options.since),
    ...flag('--until', options.until),
    ...(options.json === true ? ['--json'] : []),
    ...(options.csv === true ? ['--csv'] : []),
    `-n ${options.last}`,
    `--before ${last}`,
  ].join(' ');

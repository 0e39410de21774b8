import { EXIT } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import { ROLLED_BACK_WITHIN_DAYS } from '../../../history/answers/failures.js';
import { deployStats, FEWEST } from '../../../history/answers/stats.js';
import type { HistoryStore, RunOutcome, RunPeriod } from '../../../history/store.js';
import { statsCsv } from '../../../ui/reports/stats/csv.js';
import type { StatsReport } from '../../../ui/reports/stats/rows.js';
import { statsJson } from '../../../ui/reports/stats/schema.js';
import { statsLines } from '../../../ui/reports/stats/text.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { askedPeriod } from '../../records/asked-runs.js';
import { withHistory } from '../../records/records.js';
import type { PeriodOptions } from '../../session/history-flags.js';
import { refuseTwoForms } from './history.js';

/** `fleet stats`: how often, how fast and how well, by app and group. */
export const stats: Action<PeriodOptions> = async (context, options) => {
  refuseTwoForms(options);
  // Before any file is opened: what was typed wrong is told at once.
  spanOf(context, askedPeriod(context, options, undefined));
  return withHistory(context, options, async (store, apps) => {
    const asked = askedPeriod(context, options, apps);
    const report = await reportOf(store, asked, spanOf(context, asked));
    if (options.json === true) printJson(context, statsJson(report));
    else if (options.csv === true) context.stdout.write(statsCsv(report));
    else printLines(context.stdout, statsLines(report, tableLook(context, options)));
    return EXIT.ok;
  });
};

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 84;

interface Span {
  readonly since: Date;
  readonly until: Date;
  readonly now: Date;
}

function spanOf({ clock }: Context, { since, until }: RunPeriod): Span {
  const now = clock.now();
  const end = new Date(Math.min(until?.getTime() ?? Number.POSITIVE_INFINITY, now.getTime()));
  const begin = since ?? new Date(end.getTime() - DEFAULT_DAYS * DAY_MS);
  if (begin < end) return { since: begin, until: end, now };
  throw new FleetError('usage', '--since is in the future', {
    hint: 'Name an earlier time, e.g. 12w.',
  });
}

async function reportOf(store: HistoryStore, asked: RunPeriod, span: Span): Promise<StatsReport> {
  const { since, until } = span;
  const runs: RunOutcome[] = [];
  for await (const run of store.runsBetween({ ...asked, ...aroundOf(span) })) runs.push(run);
  const older = await olderGroups(store, runs, since);
  const isOlder = (app: string, group: string): boolean => older.has(keyOf({ app, group }));
  return {
    since: since.toISOString(),
    until: until.toISOString(),
    rolledBackWithinDays: ROLLED_BACK_WITHIN_DAYS,
    fewest: FEWEST,
    rows: deployStats(runs, { since, until, isOlder }),
  };
}

/** A rollback may come after the period, and a commit before it. */
const aroundOf = ({ since, until, now }: Span): Required<Pick<RunPeriod, 'since' | 'until'>> => ({
  since: new Date(since.getTime() - 4 * ROLLED_BACK_WITHIN_DAYS * DAY_MS),
  until: new Date(Math.min(until.getTime() + ROLLED_BACK_WITHIN_DAYS * DAY_MS, now.getTime())),
});

const keyOf = ({ app, group }: { readonly app: string; readonly group: string }): string =>
  JSON.stringify([app, group]);

/** Apps on groups that had runs before a time. */
async function olderGroups(
  store: HistoryStore,
  runs: readonly RunOutcome[],
  since: Date,
): Promise<ReadonlySet<string>> {
  const found = new Map(runs.map((run) => [keyOf(run), run]));
  const older = new Set<string>();
  for (const [key, { app, group }] of found) {
    const [before] = await store.listRuns({ apps: [app], group, until: since, limit: 1 });
    if (before !== undefined) older.add(key);
  }
  return older;
}

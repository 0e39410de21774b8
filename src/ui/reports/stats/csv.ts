import { csvText } from '../../text/csv.js';
import type { StatsReport } from './rows.js';

const TITLES = [
  'app',
  'group',
  'since',
  'until',
  'deploys_per_week',
  'deploys_succeeded',
  'weeks',
  'lead_time_median_seconds',
  'lead_time_p90_seconds',
  'lead_times',
  'change_fail_rate',
  'failed',
  'rolled_back_later',
  'deploys_judged',
  'restore_median_seconds',
  'restored',
  'not_restored',
  'canary_trips',
  'untouched',
  'stopped',
  'open',
] as const;

/** One line for each app and group; a figure with too little behind it is empty. */
export const statsCsv = ({ since, until, rows }: StatsReport): string =>
  csvText(
    TITLES,
    rows.map(({ app, group, ends, frequency, leadTime, changeFailRate, timeToRestore }) => [
      ...[app, group, since, until],
      ...[rounded(frequency.perWeek), frequency.deploys, rounded(frequency.weeks)],
      ...[seconds(leadTime.medianMs), seconds(leadTime.p90Ms), leadTime.count],
      ...[rounded(changeFailRate.rate), changeFailRate.failed, changeFailRate.rolledBackLater],
      changeFailRate.deploys,
      ...[seconds(timeToRestore.medianMs), timeToRestore.count, timeToRestore.notRestored],
      ...[ends.canary, ends.untouched, ends.stopped, ends.open],
    ]),
  );

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 1000));

const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1000) / 1000;

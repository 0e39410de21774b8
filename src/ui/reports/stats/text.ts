import { printableLine } from '../../../errors/printable.js';
import { countText } from '../../../model/text/count-text.js';
import { localDateTime } from '../../text/format.js';
import type { TableLook } from '../../text/table.js';
import { labelledLines } from '../../text/wrap.js';
import { plotLines } from './plot.js';
import { definitionsOf, type StatsReport, type StatsRow } from './rows.js';

/** The figures of each app and group, each with what it counts beside it, and a plot of the weeks. */
export function statsLines(report: StatsReport, look: TableLook): readonly string[] {
  const span = `${localDateTime(report.since)} to ${localDateTime(report.until)}`;
  if (report.rows.length === 0) return [`The history has no deploys from ${span}.`];
  return [
    `Deploys from ${span}`,
    ...report.rows.flatMap((row) => ['', ...rowLines(row, report, look)]),
  ];
}

const LABEL_WIDTH = 22;

function rowLines(row: StatsRow, report: StatsReport, look: TableLook): readonly string[] {
  const { style, width } = look;
  const told = definitionsOf(report);
  const figure = (label: string, value: string, definition: string): readonly string[] => [
    `  ${label.padEnd(LABEL_WIDTH)}${style.bold(value)}`,
    ...labelledLines('', definition, { indent: 4, width }).map(style.dim),
  ];
  const { canary } = row.ends;
  return [
    style.bold(`${printableLine(row.app)} on ${printableLine(row.group)}`),
    ...figure('deployment frequency', frequencyText(row, report), told.frequency),
    ...figure('lead time', leadText(row, report), told.leadTime),
    ...figure('change fail rate', rateText(row, report), told.changeFailRate),
    ...figure('time to restore', restoreText(row, report), told.timeToRestore),
    ...figure('canary trips', String(canary), told.canary),
    ...labelledLines('  not counted', apartText(row), { indent: 2 + LABEL_WIDTH, width }),
    '',
    ...plotLines(row.weekly, look),
  ];
}

function frequencyText({ frequency }: StatsRow, { fewest }: StatsReport): string {
  const { perWeek, deploys, weeks } = frequency;
  const of = `${countText(deploys, 'deploy')} in ${weeks.toFixed(1)} weeks`;
  if (perWeek !== null) return `${perWeek.toFixed(1)} a week (${of})`;
  return `too few: ${of}; needs ${fewest.deploys} in ${fewest.days} days or more`;
}

function leadText({ leadTime }: StatsRow, { fewest }: StatsReport): string {
  const { medianMs, p90Ms, count } = leadTime;
  if (medianMs !== null && p90Ms !== null) {
    return `${spanText(medianMs)} (of ${count}; nine of ten within ${spanText(p90Ms)})`;
  }
  const what = countText(count, 'deploy');
  return `too few: ${what} with a commit time; needs ${fewest.leadTimes}`;
}

function rateText({ changeFailRate }: StatsRow, { fewest }: StatsReport): string {
  const { rate, failed, deploys, rolledBackLater } = changeFailRate;
  const later = rolledBackLater === 0 ? '' : `, ${rolledBackLater} by a later rollback`;
  const of = `${failed} of ${deploys}${later}`;
  if (rate !== null) return `${(100 * rate).toFixed(0)}% (${of})`;
  return `too few: ${of}; a rate needs ${fewest.rate} deploys`;
}

function restoreText({ timeToRestore }: StatsRow, { fewest }: StatsReport): string {
  const { medianMs, count, notRestored } = timeToRestore;
  const open = notRestored === 0 ? '' : `; ${notRestored} not put right yet`;
  if (count + notRestored === 0) return 'no failed deploy';
  if (medianMs !== null) return `${spanText(medianMs)} (of ${count}${open})`;
  return `too few: ${count} put right${open}; needs ${fewest.restores}`;
}

function apartText({ ends }: StatsRow): string {
  const parts = [
    [ends.untouched, 'ended before any host was on it'],
    [ends.stopped, 'stopped by a person or another run'],
    [ends.open, 'not ended'],
  ] as const;
  return (
    parts.flatMap(([count, text]) => (count === 0 ? [] : [`${count} ${text}`])).join(', ') || 'none'
  );
}

/** `40s`, `18m`, `4h 12m`, `2d 3h`. */
function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 60_000) return `${Math.round(ms / 1000)}s`;
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

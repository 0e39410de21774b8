import type { DeployEnd } from './deploy-end.js';

/** The deploys that began in a week of this machine's calendar. */
export interface Week {
  /** Its Monday: `2026-11-23`. */
  readonly week: string;
  readonly succeeded: number;
  /** Also those that succeeded and were rolled back later. */
  readonly failed: number;
  readonly canary: number;
  /** All others: they changed no host, were stopped, or have no end. */
  readonly other: number;
}

interface Ended {
  readonly startedAt: string;
  readonly end: DeployEnd;
}

/** Every week of a period, oldest first, also those without a deploy. */
export function weeksOf(
  deploys: readonly Ended[],
  { since, until }: { readonly since: Date; readonly until: Date },
): readonly Week[] {
  const weeks = new Map<string, DeployEnd[]>();
  for (let monday = mondayOf(since); monday < until; monday = daysAfter(monday, 7)) {
    weeks.set(dayText(monday), []);
  }
  for (const { startedAt, end } of deploys) {
    const week = dayText(mondayOf(new Date(startedAt)));
    const known = weeks.get(week);
    if (known === undefined) weeks.set(week, [end]);
    else known.push(end);
  }
  return [...weeks].map(([week, ends]) => {
    const count = (wanted: DeployEnd): number => ends.filter((end) => end === wanted).length;
    const told = {
      succeeded: count('succeeded'),
      failed: count('failed'),
      canary: count('canary'),
    };
    const other = ends.length - told.succeeded - told.failed - told.canary;
    return { week, ...told, other };
  });
}

function mondayOf(date: Date): Date {
  const day = new Date(date.getFullYear(), date.getMonth(), date.getDate());
  return daysAfter(day, -((day.getDay() + 6) % 7));
}

/** By the calendar: a day may have 23 or 25 hours. */
const daysAfter = (day: Date, days: number): Date =>
  new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);

const dayText = (day: Date): string =>
  [day.getFullYear(), day.getMonth() + 1, day.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');

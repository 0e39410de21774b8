/** Which end of a day that is given without a time. */
export type DayEnd = 'begin' | 'end';

/**
 * A moment as people write it: `2026-01-31` (with `end`, the beginning of the next day), `2026-01-31 16:41` in the time
 * zone of this machine, RFC 3339, `today`, `yesterday`, `now`, or how long ago: `90m`, `12h`, `3d`, `2w`. Null for any
 * other text, and for days that no calendar has.
 */
export function parseMoment(text: string, now: Date, end: DayEnd): Date | null {
  if (text === 'now') return now;
  if (text === 'today' || text === 'yesterday') {
    const day = text === 'today' ? now.getDate() : now.getDate() - 1;
    return new Date(now.getFullYear(), now.getMonth(), day + (end === 'end' ? 1 : 0));
  }
  return agoOf(text, now) ?? momentOf(text, end);
}

const AGO = /^(\d{1,6})([mhdw])$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

function agoOf(text: string, now: Date): Date | null {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count === undefined || !isUnit(unit)) return null;
  const ago = new Date(now.getTime() - Number(count) * UNIT_MS[unit]);
  return ago.getUTCFullYear() < FIRST_YEAR ? null : ago;
}

/** Before that, years have fewer than four digits, and texts of times do not sort. */
const FIRST_YEAR = 1000;

const isUnit = (text: string | undefined): text is keyof typeof UNIT_MS =>
  text !== undefined && text in UNIT_MS;

const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?$/i;

function momentOf(text: string, end: DayEnd): Date | null {
  const [, year, month, day, hour, minute, second = '0', fraction = '0', zone] =
    MOMENT.exec(text) ?? [];
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  if (year === undefined || !isDay(y, m, d)) return null;
  if (hour === undefined) return new Date(y, m - 1, d + (end === 'end' ? 1 : 0));
  const [h, min, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || min > 59 || s > 59) return null;
  const ms = Math.floor(Number(`0.${fraction}`) * 1000);
  if (zone === undefined) return new Date(y, m - 1, d, h, min, s, ms);
  const offset = offsetMs(zone);
  return offset === null ? null : new Date(Date.UTC(y, m - 1, d, h, min, s, ms) - offset);
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < FIRST_YEAR) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function offsetMs(zone: string): number | null {
  if (/^z$/i.test(zone)) return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * UNIT_MS.m;
}

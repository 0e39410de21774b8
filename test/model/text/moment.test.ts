import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMoment } from '../../../src/model/text/moment.js';
import { localDateTime } from '../../../src/ui/text/format.js';

const now = new Date('2026-11-30T14:00:00.000Z');
const iso = (text: string, end: 'begin' | 'end' = 'begin') =>
  parseMoment(text, now, end)?.toISOString() ?? null;

test.each([
  ['2026-11-23T16:41:00Z', '2026-11-23T16:41:00.000Z'],
  ['2026-11-23T16:41:00.1239Z', '2026-11-23T16:41:00.123Z'],
  ['2026-11-23t16:41:00z', '2026-11-23T16:41:00.000Z'],
  ['2026-11-23 16:41+08:00', '2026-11-23T08:41:00.000Z'],
  ['2026-11-23T23:30:00-05:30', '2026-11-24T05:00:00.000Z'],
  ['90m', '2026-11-30T12:30:00.000Z'],
  ['12h', '2026-11-30T02:00:00.000Z'],
  ['3d', '2026-11-27T14:00:00.000Z'],
  ['2w', '2026-11-16T14:00:00.000Z'],
  ['now', '2026-11-30T14:00:00.000Z'],
])('reads %s', (text, expected) => {
  expect(iso(text)).toBe(expected);
});

test('reads a day from its beginning, or to its end, in the time zone of this machine', () => {
  expect(parseMoment('2026-01-31', now, 'begin')).toEqual(new Date(2026, 0, 31));
  expect(parseMoment('2026-01-31', now, 'end')).toEqual(new Date(2026, 1, 1));
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  expect(parseMoment('today', now, 'begin')).toEqual(today);
  expect(parseMoment('yesterday', now, 'end')).toEqual(today);
});

test('reads a time as tables show it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60_000_000 }), (minutes) => {
      const date = new Date(minutes * 60_000);
      const read = parseMoment(localDateTime(date.toISOString()), now, 'begin');
      // An hour that a clock shows twice has two moments.
      expect(Math.abs((read?.getTime() ?? 0) - date.getTime()) % 3_600_000).toBe(0);
    }),
  );
});

test.each([
  ...['', 'x', '2026-02-30', '2026-13-01', '2026-00-10', '2026-01-31 24:00', '2026-1-1'],
  ...['2026-01-31T10:00:60Z', '2026-01-31 10:00+24:00', '0000-01-01', '3', '3y', '-3d', '3.5d'],
  ...['999999w', '2026-01-31 10', '20260131', ' 3d'],
])('refuses %j', (text) => {
  expect(iso(text)).toBeNull();
});

test('never gives a time that is none', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('begin' as const, 'end' as const), (text, end) => {
      const read = parseMoment(text, now, end);
      expect(read === null || Number.isFinite(read.getTime())).toBe(true);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDuration,
  MAX_DURATION_MS,
  parseDuration,
} from '../../../src/model/text/duration.js';

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['5s', 5000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '5', 's', '1.5s', '-1s', '5 s', '5S', '1d', '99999999h', '1h30m'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  test('is written as short as can be, and read back the same', () => {
    expect(formatDuration(90_000)).toBe('90s');
    expect(formatDuration(1500)).toBe('1500ms');
    fc.assert(
      fc.property(fc.nat(MAX_DURATION_MS), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

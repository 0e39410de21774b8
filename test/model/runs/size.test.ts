import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSize, sizeOf } from '../../../src/model/runs/size.js';

const of = (text: string | number, total: number, floor: 0 | 1 = 1): number => {
  const size = parseSize(text);
  if (size === null) throw new Error(`no size: ${text}`);
  return sizeOf(size, total, { floor });
};

describe('a size', () => {
  test.each(['', '-1', '1.5', '10.5%', '101%', '%', '5 %', 'rest', '1e3'])('%j is none', (text) => {
    expect(parseSize(text)).toBeNull();
  });

  test('29 % of 100 is 29, not 28', () => {
    expect(of('29%', 100)).toBe(29);
  });

  test('a percentage is rounded down, a size never below one', () => {
    expect(of('25%', 7)).toBe(1);
    expect(of('50%', 7)).toBe(3);
    expect(of('1%', 7)).toBe(1);
    expect(of('1%', 7, 0)).toBe(0);
    expect(of(0, 7, 0)).toBe(0);
  });

  test('p % of n is the largest integer that is no more than it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.nat(100_000), (percent, total) => {
        const hosts = of(`${percent}%`, total, 0);
        expect(BigInt(hosts)).toBe((BigInt(percent) * BigInt(total)) / 100n);
      }),
    );
  });
});

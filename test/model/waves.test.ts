import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Policy, WavePolicy, WaveSize } from '../../src/model/policy.js';
import { parseSize } from '../../src/model/size.js';
import { cutWaves, limitsOf } from '../../src/model/waves.js';
import { hostFixture } from '../fixtures/host.js';

const hosts = (count: number) => Array.from({ length: count }, (_, n) => hostFixture(`h${n}`));

const sizes = (...words: (string | number)[]): WavePolicy => ({
  kind: 'sizes',
  sizes: words.map((word): WaveSize => {
    const size = word === 'rest' ? { kind: 'rest' as const } : parseSize(word);
    if (size === null) throw new Error(`no size: ${word}`);
    return size;
  }),
});

const lengths = (count: number, policy: WavePolicy): number[] =>
  cutWaves(hosts(count), policy).map((wave) => wave.length);

describe('waves by size', () => {
  test('are increments of the run: 1, a tenth, a half, the rest', () => {
    expect(lengths(20, sizes(1, '10%', '50%', 'rest'))).toEqual([1, 2, 10, 7]);
    expect(lengths(100, sizes('29%', 'rest'))).toEqual([29, 71]);
  });

  test('never have an empty one: what is left is cut', () => {
    expect(lengths(2, sizes(1, '10%', '50%', 'rest'))).toEqual([1, 1]);
    expect(lengths(3, sizes(10, 'rest'))).toEqual([3]);
    expect(lengths(0, sizes(1, 'rest'))).toEqual([]);
  });

  test('hold each host exactly once, in plan order', () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
    );
    fc.assert(
      fc.property(fc.nat(300), fc.array(size, { maxLength: 6 }), (count, words) => {
        const all = hosts(count);
        const waves = cutWaves(all, sizes(...words, 'rest'));
        expect(waves.flat()).toEqual(all.map((host) => host.name));
        expect(waves.every((wave) => wave.length > 0)).toBe(true);
      }),
    );
  });
});

describe('waves spread over a label', () => {
  const spread: WavePolicy = { kind: 'spread', canary: 1, per: 'zone' };

  test('have a canary for each value, and for the hosts that have none', () => {
    const all = [
      hostFixture('a1', { zone: 'a' }),
      hostFixture('a2', { zone: 'a' }),
      hostFixture('b1', { zone: 'b' }),
      hostFixture('x1'),
      hostFixture('x2'),
    ];
    expect(cutWaves(all, spread)).toEqual([
      ['a1', 'b1', 'x1'],
      ['a2', 'x2'],
    ]);
  });

  test('keep a canary where no host has the label', () => {
    expect(lengths(5, spread)).toEqual([1, 4]);
    expect(lengths(1, spread)).toEqual([1]);
    expect(lengths(0, spread)).toEqual([]);
  });

  test('hold each host exactly once', () => {
    const zones = fc.array(fc.constantFrom('a', 'b', 'c', 'toString'), { maxLength: 60 });
    fc.assert(
      fc.property(zones, fc.integer({ min: 1, max: 4 }), (labels, canary) => {
        const all = labels.map((zone, n) => hostFixture(`h${n}`, { zone }));
        const waves = cutWaves(all, { kind: 'spread', canary, per: 'zone' });
        expect(waves.flat().toSorted()).toEqual(all.map((host) => host.name).toSorted());
        expect(new Set(waves.flat()).size).toBe(all.length);
      }),
    );
  });
});

test('limits are of the run, and the canary wave tolerates none', () => {
  const policy = {
    maxUnavailable: { kind: 'percent', percent: 25 },
    tolerate: { wave: { kind: 'count', count: 2 }, run: { kind: 'percent', percent: 10 } },
  } as Policy;
  expect(limitsOf(policy, 29, 3)).toEqual({
    maxUnavailable: 7,
    tolerateWave: [0, 2, 2],
    tolerateRun: 2,
  });
  expect(limitsOf(policy, 3, 1)).toMatchObject({ maxUnavailable: 1, tolerateRun: 0 });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../../src/model/hosts/host.js';
import type { Policy, WavePolicy, WaveSize } from '../../../src/model/runs/policy.js';
import { parseSize } from '../../../src/model/runs/size.js';
import { approvalsOf, type Candidate, cutWaves, limitsOf } from '../../../src/model/runs/waves.js';
import { hostFixture } from '../../fixtures/host.js';

const hosts = (count: number) => Array.from({ length: count }, (_, n) => hostFixture(`h${n}`));

const sizes = (...words: (string | number)[]): WavePolicy => ({
  kind: 'sizes',
  sizes: words.map((word): WaveSize => {
    const size = word === 'rest' ? { kind: 'rest' as const } : parseSize(word);
    if (size === null) throw new Error(`no size: ${word}`);
    return size;
  }),
});

const serving = (all: readonly Host[], out: readonly string[] = []): readonly Candidate[] =>
  all.map((host) => ({ host, isOut: out.includes(host.name) }));

const cut = (all: readonly Host[], policy: WavePolicy, out: readonly string[] = []) =>
  cutWaves(serving(all, out), policy, all.length).map((wave) => wave.hosts);

const lengths = (count: number, policy: WavePolicy): number[] =>
  cut(hosts(count), policy).map((wave) => wave.length);

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
        const waves = cut(all, sizes(...words, 'rest'));
        expect(waves.flat()).toEqual(all.map((host) => host.name));
        expect(waves.every((wave) => wave.length > 0)).toBe(true);
      }),
    );
  });
});

describe('waves over hosts of which some are out of service', () => {
  const seven = hosts(7);
  const usual = sizes(1, '10%', '50%', 'rest');

  test('begin with one of them, then all the rest of them, then the others by their sizes', () => {
    expect(cut(seven, usual, ['h2', 'h4', 'h6'])).toEqual([
      ['h2'],
      ['h4', 'h6'],
      ['h0'],
      ['h1', 'h3', 'h5'],
    ]);
  });

  test('keep as many canaries as the policy has, the hosts that are out among them', () => {
    expect(cut(seven, sizes(3, 'rest'), ['h5'])).toEqual([
      ['h5'],
      ['h0', 'h1'],
      ['h2', 'h3', 'h4', 'h6'],
    ]);
    const waves = cutWaves(serving(seven, ['h5']), sizes(3, 'rest'), 7);
    expect(waves.map(({ step }) => step)).toEqual([0, 0, 1]);
  });

  test('are one wave where all hosts are out and the policy has one', () => {
    expect(cut(hosts(3), sizes('rest'), ['h0', 'h1', 'h2'])).toEqual([['h0', 'h1', 'h2']]);
  });

  test('take percentages of all hosts of the selection, also of those that need nothing', () => {
    const two = cutWaves(serving(hosts(4)), sizes('50%', 'rest'), 10);
    expect(two.map((wave) => wave.hosts.length)).toEqual([4]);
  });

  test('have the canaries of a label from them first, then one for each value without', () => {
    const all = ['a1', 'a2', 'b1', 'b2'].map((name) => hostFixture(name, { zone: name[0] ?? '' }));
    const spread: WavePolicy = { kind: 'spread', canary: 1, per: 'zone' };
    expect(cut(all, spread, ['a2'])).toEqual([['a2'], ['b1'], ['a1', 'b2']]);
  });

  test('want a word before whatever comes after the size that it was asked for', () => {
    const asked: WavePolicy = { ...usual, approvals: [1, 3] } as WavePolicy;
    const waves = cutWaves(serving(seven, ['h2', 'h4']), asked, 7);
    expect(waves.map(({ step }) => step)).toEqual([0, 1, 1, 2, 3]);
    expect(approvalsOf(asked, waves)).toEqual([1, 4]);
    // No wave is that large, and a policy need not ask at all.
    expect(approvalsOf({ ...asked, approvals: [3, 1000] } as WavePolicy, waves)).toEqual([4]);
    expect(approvalsOf(usual, waves)).toEqual([]);
  });

  test('put none that is out behind one that is not, whatever the policy', () => {
    const outOf = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(outOf, fc.array(size, { maxLength: 4 }), (flags, words) => {
        const all = hosts(flags.length);
        const out = all.filter((_, n) => flags[n]).map((host) => host.name);
        const waves = cut(all, sizes(...words, 'rest'), out);
        const order = waves.flat();
        expect(order.toSorted()).toEqual(all.map((host) => host.name).toSorted());
        expect(order.slice(0, out.length)).toEqual(out);
        const mixed = waves.filter(
          (wave) => new Set(wave.map((name) => out.includes(name))).size > 1,
        );
        expect(mixed).toEqual([]);
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
    expect(cut(all, spread)).toEqual([
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
        const waves = cut(all, { kind: 'spread', canary, per: 'zone' });
        expect(waves.flat().toSorted()).toEqual(all.map((host) => host.name).toSorted());
        expect(new Set(waves.flat()).size).toBe(all.length);
      }),
    );
  });
});

test('limits are of the selection, and the canary wave tolerates none', () => {
  const policy = {
    maxUnavailable: { kind: 'percent', percent: 25 },
    tolerate: { wave: { kind: 'count', count: 2 }, run: { kind: 'percent', percent: 10 } },
  } as Policy;
  const waves = [0, 1, 2].map((step) => ({ hosts: [], step }));
  expect(limitsOf(policy, 29, waves)).toEqual({
    maxUnavailable: 7,
    tolerateWave: [0, 2, 2],
    tolerateRun: 2,
  });
  expect(limitsOf(policy, 3, waves)).toMatchObject({ maxUnavailable: 1, tolerateRun: 0 });
});

import { describe, expect, test } from 'vitest';
import type { HostRelease } from '../../../src/host/protocol/protocol.js';
import { asReleaseId } from '../../../src/model/names.js';
import type { KnownRelease } from '../../../src/model/releases/choose/known-release.js';
import { releasesToPrune } from '../../../src/model/releases/choose/retention.js';
import { known } from '../support/known-releases.js';

const prune = (releases: readonly KnownRelease[], keep: number, ...protectedIds: string[]) =>
  releasesToPrune(releases, { keep, protectedIds: protectedIds.map(asReleaseId) });

const healthy = (...days: number[]) => days.map((day) => known(`h${day}`, day));
const bad = (...days: number[]) => days.map((day) => known(`b${day}`, day, { standing: 'bad' }));

describe('retention', () => {
  test('keeps the newest healthy releases', () => {
    expect(prune(healthy(3, 1, 4, 2), 2, 'h4')).toEqual(['h1', 'h2']);
  });

  test('keep 1 after a rollback: what was restored stays, although it is the oldest', () => {
    expect(prune(healthy(1, 2, 3), 1, 'h1')).toEqual(['h2']);
  });

  test('keep+1 failures never push out the last healthy release or current', () => {
    const removed = prune([...healthy(1, 2), ...bad(3, 4, 5, 6)], 3, 'h2');
    expect(removed).toEqual(['b3']);
  });

  test('removes failures older than the oldest healthy one kept, keeps newer ones as evidence', () => {
    expect(prune([...bad(1, 3), ...healthy(2, 4)], 1)).toEqual(['b1', 'h2', 'b3']);
    expect(prune([...bad(1, 3), ...healthy(2, 4)], 2)).toEqual(['b1']);
  });

  test('removes records without a folder, whatever they say they are', () => {
    const hollow = known('x', 9, { complete: false });
    expect(prune([...healthy(1), hollow], 5)).toEqual(['x']);
  });

  test('never removes what is protected', () => {
    expect(prune([...bad(1), ...healthy(2, 3, 4)], 1, 'b1', 'h2', 'h3')).toEqual([]);
  });

  test('takes what the host program tells of', () => {
    const told: HostRelease = { ...known('h1', 1), since: '2026-11-01T12:00:00Z' };
    expect(prune([told], 1)).toEqual([]);
  });

  describe('by age', () => {
    const DAY = 86_400_000;
    const day = (each: KnownRelease): number => Date.parse(each.meta.deployedAt);
    const aged = (releases: readonly KnownRelease[], keep: number, ageMs: number, now: Date) =>
      releasesToPrune(releases, { keep, keepForMs: ageMs, now, protectedIds: [] });
    const all = healthy(1, 2, 3, 4, 5);
    const newest = new Date(Math.max(...all.map(day)));

    test('deletes only what neither the number nor the age keeps', () => {
      expect(aged(all, 1, 2 * DAY, newest)).toEqual(['h1', 'h2']);
      expect(aged(all, 4, 2 * DAY, newest)).toEqual(['h1']);
      expect(aged(all, 1, 0, newest)).toEqual(['h1', 'h2', 'h3', 'h4']);
    });

    test('keeps no failure longer, and a clock that went back deletes nothing', () => {
      expect(aged([...bad(1), ...healthy(2, 3)], 1, 9 * DAY, newest)).toEqual(['b1']);
      expect(aged(all, 1, DAY, new Date(0))).toEqual([]);
    });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deployEnd } from '../../../src/history/answers/deploy-end.js';
import { median, quantile } from '../../../src/history/answers/quantile.js';
import { deployStats } from '../../../src/history/answers/stats.js';
import type { RunOutcome } from '../../../src/history/store.js';
import {
  at,
  canaryAt,
  DAY,
  deployAt,
  failedAt,
  hosts,
  rollbackAt,
  withCommit,
} from './support/outcomes.js';

const period = { since: new Date(at(0)), until: new Date(at(28 * DAY)), isOlder: () => true };

function only(runs: readonly RunOutcome[], over: Partial<typeof period> = {}) {
  const [stats, ...others] = deployStats(runs, { ...period, ...over });
  if (stats === undefined || others.length > 0) throw new Error('the runs are of one group');
  return stats;
}

describe('how a deploy ended', () => {
  const [waiting, touched] = [hosts(1, 'staged', 1), hosts(0, 'reverted', 2)];
  test.each<[string, RunOutcome]>([
    ['succeeded', deployAt(0)],
    ['succeeded', deployAt(0, { state: 'succeeded_partial', exitCode: 3 })],
    ['failed', failedAt(0)],
    ['canary', canaryAt(0)],
    // One wave is no canary: all hosts had it.
    ['failed', failedAt(0, { outcomes: [touched] })],
    ['failed', failedAt(0, { outcomes: [hosts(null, 'reverted', 2)] })],
    [
      'canary',
      failedAt(0, { state: 'rollback_incomplete', outcomes: [hosts(0, 'down', 1), waiting] }),
    ],
    ['untouched', failedAt(0, { outcomes: [hosts(0, 'failed', 1), waiting] })],
    ['untouched', deployAt(0, { state: 'refused', exitCode: 7, outcomes: [] })],
    ['stopped', failedAt(0, { state: 'stopped_mixed', exitCode: 130 })],
    ['stopped', failedAt(0, { state: 'fenced', exitCode: 7 })],
    ['open', deployAt(0, { state: null, endedAt: null, exitCode: null })],
    ['open', deployAt(0, { state: 'paused', exitCode: 8 })],
  ])('is %s', (end, run) => {
    expect(deployEnd(run)).toBe(end);
  });
});

describe('the figures of deploys', () => {
  test('count what succeeded a week', () => {
    const runs = [0, 5, 9, 14, 20, 27].map((day) => deployAt(day * DAY));
    expect(only(runs).frequency).toEqual({ perWeek: 1.5, deploys: 6, weeks: 4 });
  });

  test('count the weeks from the first record, if the history is younger than the period', () => {
    const runs = [14, 16, 20].map((day) => deployAt(day * DAY));
    expect(only(runs, { isOlder: () => false }).frequency).toEqual({
      ...{ perWeek: 1.5, deploys: 3, weeks: 2 },
    });
  });

  test('are none where there is too little behind them', () => {
    const stats = only([deployAt(27 * DAY), deployAt(27.5 * DAY)], { isOlder: () => false });
    expect(stats.frequency).toMatchObject({ perWeek: null, deploys: 2 });
    expect(stats.leadTime).toEqual({ medianMs: null, p90Ms: null, count: 0 });
    expect(stats.changeFailRate).toMatchObject({ rate: null, failed: 0, deploys: 2 });
    expect(stats.timeToRestore).toMatchObject({ medianMs: null, count: 0, notRestored: 0 });
  });

  test('measure from a commit to the end of the deploy that first brought it', () => {
    const first = withCommit(deployAt(DAY), 60, 'a');
    const runs = [
      first,
      withCommit(deployAt(2 * DAY), 120, 'b'),
      withCommit(deployAt(3 * DAY), 600, 'c'),
      // Again: the commit has not become slower.
      { ...deployAt(20 * DAY), release: first.release },
      // A clock that is ahead.
      withCommit(deployAt(21 * DAY), -5, 'd'),
      deployAt(22 * DAY),
      withCommit(failedAt(23 * DAY), 5, 'e'),
    ];
    expect(only(runs).leadTime).toEqual({ medianMs: 120 * 60_000, p90Ms: 600 * 60_000, count: 3 });
  });

  test('do not count a commit that was deployed before the period', () => {
    const old = withCommit(deployAt(-DAY), 60, 'a');
    const again = { ...deployAt(DAY), release: old.release };
    expect(only([old, again]).leadTime.count).toBe(0);
  });

  test('tell failed deploys from canary trips, and from those that changed nothing', () => {
    const good = Array.from({ length: 8 }, (_, day) => deployAt(day * DAY));
    const runs = [
      ...good,
      failedAt(9 * DAY),
      canaryAt(10 * DAY),
      canaryAt(11 * DAY),
      failedAt(12 * DAY, { state: 'stopped_mixed', exitCode: 5 }),
      deployAt(13 * DAY, { state: 'aborted_clean', exitCode: 4, outcomes: [] }),
    ];
    const stats = only(runs);
    expect(stats.ends).toEqual({
      ...{ succeeded: 8, failed: 2, canary: 2, untouched: 1, stopped: 0, open: 0 },
    });
    expect(stats.changeFailRate).toEqual({ rate: 0.2, failed: 2, deploys: 10, rolledBackLater: 0 });
  });

  test('count a deploy that is rolled back within a week as failed', () => {
    const [first, second, third] = [deployAt(0), deployAt(DAY), deployAt(9 * DAY)];
    const soon = rollbackAt(DAY + 40, first);
    const late = rollbackAt(20 * DAY, first);
    const stats = only([first, second, soon, third, late]);
    expect(stats.changeFailRate).toMatchObject({ failed: 1, deploys: 3, rolledBackLater: 1 });
    expect(stats.ends).toMatchObject({ succeeded: 2, failed: 1 });
    // Its first host had it after 2 minutes; the rollback ended 50 minutes after its start.
    expect(stats.timeToRestore).toMatchObject({ count: 1, notRestored: 0 });
  });

  test('count each release that rollbacks go back over, and none for going there again', () => {
    const [a, b, c] = [deployAt(0), deployAt(DAY), deployAt(2 * DAY)];
    const back = [rollbackAt(2 * DAY + 30, b), rollbackAt(2 * DAY + 60, a)];
    const again = rollbackAt(2 * DAY + 90, a);
    expect(only([a, b, c, ...back, again]).changeFailRate.failed).toBe(2);
  });

  test('do not see a rollback on another group', () => {
    const [a, b] = [deployAt(0), deployAt(DAY)];
    const other = { ...rollbackAt(DAY + 30, a), group: 'stage' };
    expect(deployStats([a, b, other], period).map(({ group }) => group)).toEqual(['prod']);
    expect(only([a, b, other]).changeFailRate.failed).toBe(0);
  });

  test('measure from the first host on a failed deploy to the end of what put it right', () => {
    const [a, b] = [deployAt(0), deployAt(DAY)];
    const runs = [
      a,
      b,
      // From minute 2 to 50.
      rollbackAt(DAY + 40, a),
      // From minute 3 to its own end, 10.
      failedAt(3 * DAY),
      // From minute 3 to the end of the next, 110; a canary trip between them puts nothing right.
      failedAt(5 * DAY, { state: 'stopped_mixed', exitCode: 5 }),
      canaryAt(5 * DAY + 50),
      deployAt(5 * DAY + 100),
      // Not put right.
      failedAt(7 * DAY, { state: 'rollback_incomplete', exitCode: 6 }),
    ];
    const minutes = (count: number): number => count * 60_000;
    expect(only(runs).timeToRestore).toEqual({
      medianMs: minutes(48),
      p90Ms: minutes(107),
      count: 3,
      notRestored: 1,
    });
  });

  test('have every week of the period, with how its deploys ended', () => {
    const runs = [deployAt(DAY), canaryAt(DAY), failedAt(16 * DAY), deployAt(17 * DAY)];
    const weekly = only(runs).weekly.filter(({ succeeded, failed }) => succeeded + failed > 0);
    expect(weekly).toMatchObject([
      { succeeded: 1, failed: 0, canary: 1, other: 0 },
      { succeeded: 1, failed: 1, canary: 0, other: 0 },
    ]);
    expect(only(runs).weekly.length).toBeGreaterThanOrEqual(4);
  });
});

describe('whatever runs there are', () => {
  const kinds = fc.constantFrom('good', 'failed', 'canary', 'mixed', 'open', 'back');
  const steps = fc.array(fc.tuple(kinds, fc.integer({ min: 1, max: 3 * DAY })), { maxLength: 40 });

  /** Oldest first; a rollback goes to the first release. */
  function runsOf(drawn: readonly (readonly [string, number])[], group = 'prod') {
    const first = deployAt(-30 * DAY, { group });
    let minutes = 0;
    const runs = drawn.map(([kind, pause]): RunOutcome => {
      minutes += pause;
      const change = { group };
      if (kind === 'good') return deployAt(minutes, change);
      if (kind === 'failed') return failedAt(minutes, change);
      if (kind === 'canary') return { ...canaryAt(minutes), ...change };
      if (kind === 'mixed') return failedAt(minutes, { ...change, state: 'stopped_mixed' });
      if (kind === 'back') return { ...rollbackAt(minutes, first), ...change };
      return deployAt(minutes, { ...change, endedAt: null, state: null, exitCode: null });
    });
    return [first, ...runs];
  }

  const wide = { ...period, since: new Date(at(-31 * DAY)), until: new Date(at(365 * DAY)) };

  test('each deploy has one end, and the weeks have them all', () => {
    fc.assert(
      fc.property(steps, (drawn) => {
        const runs = runsOf(drawn);
        const deploys = runs.filter(({ kind }) => kind === 'deploy').length;
        for (const { ends, weekly } of deployStats(runs, wide)) {
          expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(deploys);
          const sum = weekly.reduce((all, { week: _, ...counts }) => {
            return all + Object.values(counts).reduce((one, count) => one + count, 0);
          }, 0);
          expect(sum).toBe(deploys);
        }
      }),
    );
  });

  test('no more fail than there are, and each failure is put right or not', () => {
    fc.assert(
      fc.property(steps, (drawn) => {
        for (const { changeFailRate, timeToRestore, ends } of deployStats(runsOf(drawn), wide)) {
          const { rate, failed, deploys } = changeFailRate;
          expect(failed).toBeLessThanOrEqual(deploys);
          expect(failed).toBe(ends.failed);
          expect(deploys).toBe(ends.succeeded + ends.failed);
          if (rate !== null) expect(rate).toBe(failed / deploys);
          expect(timeToRestore.count + timeToRestore.notRestored).toBe(failed);
        }
      }),
    );
  });

  test('a group has the same figures beside another one as alone', () => {
    fc.assert(
      fc.property(steps, steps, (one, other) => {
        const [prod, stage] = [runsOf(one), runsOf(other, 'stage')];
        const both = [...prod, ...stage].toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
        expect(deployStats(both, wide)).toEqual([
          ...deployStats(prod, wide),
          ...deployStats(stage, wide),
        ]);
      }),
    );
  });

  test('half of the values are at most the median, and nine of ten the next figure', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), (values) => {
        const within = (most: number | null) =>
          values.filter((value) => value <= (most ?? -1)).length / values.length;
        expect(within(median(values))).toBeGreaterThanOrEqual(0.5);
        expect(within(quantile(values, 0.9))).toBeGreaterThanOrEqual(0.9);
        expect(values).toContain(quantile(values, 0.9));
      }),
    );
    expect([median([]), quantile([], 0.9), median([3, 1]), median([9, 1, 5])]).toEqual([
      ...[null, null, 2, 5],
    ]);
  });
});

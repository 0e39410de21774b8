import { beforeEach, describe, expect, test } from 'vitest';
import { hostThen } from '../../../src/history/answers/host-gaps.js';
import { deployStats } from '../../../src/history/answers/stats.js';
import { stampOf } from '../../../src/history/stamp.js';
import type { HistoryStore, RunFilter, RunOutcome, RunStart } from '../../../src/history/store.js';
import { asHostName, asReleaseId } from '../../../src/model/names.js';
import { endOf, hostIn, runOn } from './runs.js';

type Opened = () => HistoryStore;
type Filter = Omit<RunFilter, 'limit'>;

const at = (day: number, hour = 12): Date => new Date(Date.UTC(2026, 10, day, hour));
const COMMIT = '1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d';

/** What can be asked of runs that are there. */
export function questionsContract(opened: Opened): void {
  describe('finds runs', () => {
    const days = async (filter: Filter, limit = 9): Promise<readonly string[]> => {
      const runs = await opened().listRuns({ ...filter, limit });
      return runs.map(({ startedAt }) => startedAt.slice(8, 10).replace(/^0/, ''));
    };
    const host = (name: string) => [{ host: asHostName(name), wave: 0, from: null, to: null }];

    beforeEach(async () => {
      const store = opened();
      const release = { ...runOn(1).release, commit: COMMIT };
      const runs: readonly RunStart[] = [
        runOn(1, { release }),
        runOn(2, { operator: 'ana@other', hosts: host('Web1') }),
        runOn(3, { operator: 'anabel@bastion', kind: 'rollback', release }),
        runOn(4, { app: 'Shop', group: 'stage', hosts: host('web10') }),
        runOn(5, { operator: 'ana@bastion', group: 'Prod', app: '商店' }),
      ];
      for (const run of runs) await store.recordStart(run);
      for (const run of runs.slice(1, 3)) {
        await store.recordEnd(run.run, endOf(run, { state: 'rolled_back', exitCode: 4 }));
      }
    });

    test.each<[string, Filter, readonly string[]]>([
      ['by the host, whose letters count', { host: 'web1' }, ['5', '3', '1']],
      ['by another host', { host: 'Web1' }, ['2']],
      ['by a host that is none', { host: 'web%' }, []],
      ['by app and host', { apps: ['shop'], host: 'web1' }, ['3', '1']],
      ['by an app whose letters count', { apps: ['Shop'] }, ['4']],
      ['by an app in another script', { apps: ['商店', 'none'] }, ['5']],
      ['by no app', { apps: [] }, []],
      ['by a group whose letters count', { group: 'Prod' }, ['5']],
      ['by the user of any bastion', { operator: 'ana' }, ['5', '4', '2', '1']],
      ['by the user of one bastion', { operator: 'ana@other' }, ['2']],
      ['by no one', { operator: 'an' }, []],
      ['by state', { state: 'rolled_back' }, ['3', '2']],
      ['without an end', { state: 'open' }, ['5', '4', '1']],
      ['by kind', { kind: 'rollback' }, ['3']],
      ['by version', { release: 'v1' }, ['3', '1']],
      ['by the beginning of a commit', { release: COMMIT.slice(0, 9) }, ['3', '1']],
      ['by the beginning of a release id', { release: '20261104' }, ['4']],
      ['by a release that is none', { release: '%' }, []],
      ['since a time', { since: at(4, 10) }, ['5', '4']],
      ['until a time', { until: at(2, 10) }, ['1']],
      ['between two times', { since: at(2), until: at(4, 10) }, ['3']],
      ['before a run', { before: runOn(3).run }, ['2', '1']],
      ['before a run of a host', { before: runOn(3).run, host: 'web1' }, ['1']],
      ['by kind and commit', { kind: 'deploy', release: COMMIT.slice(0, 9) }, ['1']],
      ['by state and user', { state: 'rolled_back', operator: 'ana' }, ['2']],
      ['by state and another user', { state: 'succeeded', operator: 'ana' }, []],
      ['without an end, of a group until a time', { state: 'open', until: at(4, 10) }, ['1']],
      ['by a commit whose letters count', { release: COMMIT.slice(0, 9).toUpperCase() }, []],
      ['by host and state', { host: 'web2', state: 'rolled_back' }, ['3']],
      [
        'by all of these',
        { apps: ['shop'], group: 'prod', host: 'web2', operator: 'ana', since: at(1, 0) },
        ['1'],
      ],
    ])('%s', async (_, filter, expected) => {
      expect(await days(filter)).toEqual(expected);
    });

    test('a page at a time', async () => {
      expect(await days({}, 2)).toEqual(['5', '4']);
      expect(await days({ before: runOn(4).run }, 2)).toEqual(['3', '2']);
      expect(await days({ before: runOn(2).run }, 2)).toEqual(['1']);
    });

    test('that have no end yet, by app and group', async () => {
      const open = async (filter: Parameters<HistoryStore['listOpenRuns']>[0]) =>
        (await opened().listOpenRuns(filter)).map(({ operator, startedAt }) => [
          operator,
          startedAt.slice(8, 10),
        ]);
      expect(await open({})).toHaveLength(3);
      expect(await open({ app: 'shop', group: 'prod' })).toEqual([['ana@bastion', '01']]);
      expect(await open({ app: 'Shop' })).toEqual([['ana@bastion', '04']]);
      expect(await open({ group: 'none' })).toEqual([]);
    });
  });

  describe('tells which release a host was on', () => {
    const [first, second, third] = [runOn(1), runOn(2), runOn(3)];
    const on = async (day: number, hour?: number, app?: string, host = 'web1') =>
      (await opened().releaseAt({ host, at: at(day, hour), app })).map(
        ({ app: of, release, sure, brought }) => [of, release, sure, brought?.run.run ?? null],
      );

    beforeEach(async () => {
      const store = opened();
      for (const run of [first, second, third]) await store.recordStart(run);
      await store.recordProgress(first.run, {
        hosts: [hostIn(first, 'web1', { seq: 60 })],
        events: [],
      });
      await store.recordEnd(first.run, endOf(first));
      const back = second.hosts.map((host) => {
        return { ...host, from: first.release.id, state: 'reverted' as const };
      });
      const endedAt = at(2, 11).toISOString();
      await store.recordEnd(second.run, {
        ...endOf(second, { state: 'rolled_back', exitCode: 4, endedAt }),
        hosts: back,
      });
      const other = runOn(4, { app: 'other', hosts: third.hosts });
      await store.recordStart(other);
      const unknown = other.hosts.map((host) => ({ ...host, state: 'unknown' as const }));
      await store.recordEnd(
        other.run,
        endOf(other, { hosts: unknown, endedAt: at(4).toISOString() }),
      );
    });

    test('before and after a run brought it', async () => {
      expect(await on(1, 9)).toEqual([]);
      expect(await on(1, 10)).toEqual([]);
      expect(await on(1, 11)).toEqual([['shop', first.release.id, true, first.run]]);
    });

    test('after it was rolled back, by the run that had brought it earlier', async () => {
      expect(await on(2, 11)).toEqual([['shop', first.release.id, true, first.run]]);
    });

    test('for each app, and is not sure where the last run was not', async () => {
      // What brought it is older than this history.
      expect(await on(5)).toEqual([
        ['other', 'older', false, null],
        ['shop', 'older', true, null],
      ]);
      expect(await on(5, 0, 'shop')).toEqual([['shop', 'older', true, null]]);
      expect(await on(5, 0, 'none')).toEqual([]);
    });

    test('not for a host that no run had', async () => {
      expect(await on(5, 0, undefined, 'WEB1')).toEqual([]);
    });

    test('with the time at which that host had it', async () => {
      const [found] = await opened().releaseAt({ host: 'web1', at: at(2), app: 'shop' });
      expect(found?.brought?.at).toBe('2026-11-01T10:01:00.000Z');
      expect(found?.seen).toEqual({
        run: second.run,
        state: 'reverted',
        at: at(2, 11).toISOString(),
      });
    });

    test('and passes over a run that skipped it', async () => {
      const run = runOn(6);
      await opened().recordStart(run);
      const skipped = run.hosts.map((host) => {
        return { ...host, state: 'skipped' as const, from: null, to: null };
      });
      await opened().recordEnd(
        run.run,
        endOf(run, { hosts: skipped, endedAt: at(6).toISOString() }),
      );
      expect(await on(7, 0, 'shop')).toEqual([['shop', 'older', true, null]]);
    });
  });

  describe('gives the runs of a period with what became of their hosts', () => {
    const all = async (period: Parameters<HistoryStore['runsBetween']>[0]) => {
      const found: RunOutcome[] = [];
      for await (const run of opened().runsBetween(period)) found.push(run);
      return found;
    };

    test('oldest first, hosts counted by wave and state', async () => {
      const [older, newer] = [runOn(1), runOn(2)];
      for (const run of [newer, older]) await opened().recordStart(run);
      const progress = [
        hostIn(older, 'web2', { seq: 30 }),
        hostIn(older, 'web1', { seq: 90, state: 'failed' }),
      ];
      await opened().recordProgress(older.run, { hosts: progress, events: [] });
      const runs = await all({});
      expect(runs.map(({ run }) => run)).toEqual([older.run, newer.run]);
      const time = (minutes: string): string => `2026-11-01T10:${minutes}.000Z`;
      expect(runs[0]?.outcomes).toEqual([
        { wave: 0, state: 'done', hosts: 1, firstAt: time('00:30'), lastAt: time('00:30') },
        { wave: 1, state: 'failed', hosts: 1, firstAt: time('01:30'), lastAt: time('01:30') },
      ]);
      expect(await all({ since: at(2, 0), until: at(3, 0), apps: ['shop'] })).toHaveLength(1);
      expect(await all({ group: 'none' })).toEqual([]);
    });

    test('however many there are', async () => {
      const store = opened();
      const hosts = runOn(1).hosts.slice(0, 1);
      for (let n = 0; n < 600; n += 1) {
        const startedAt = new Date(Date.UTC(2026, 0, 1, 0, Math.floor(n / 2))).toISOString();
        const run = `20260101T000000Z-${String(n).padStart(4, '0')}` as RunStart['run'];
        await store.recordStart(runOn(1, { run, startedAt, stamp: stampOf(startedAt, 1), hosts }));
      }
      const runs = await all({});
      expect(new Set(runs.map(({ run }) => run)).size).toBe(600);
      expect(runs).toEqual(
        runs.toSorted((one, other) => (one.startedAt < other.startedAt ? -1 : 1)),
      );
      expect(runs.every(({ outcomes }) => outcomes.length === 1)).toBe(true);
    }, 60_000);
  });

  describe('shows where the record of a host has a gap', () => {
    const then = async (day: number, hour = 12) => {
      const question = { host: 'web1', at: at(day, hour) };
      const found = await hostThen(opened(), question);
      return found.map(({ release, gaps }) => [
        release,
        ...gaps.map((gap) => [gap.kind, gap.kind === 'not-brought' ? null : gap.run.run]),
      ]);
    };
    const [first, second] = [runOn(1), runOn(10)];
    const done = async (run: RunStart, hours: number, from?: string) => {
      const hosts = run.hosts.map((host) => ({
        ...{ ...host, state: 'done' as const },
        from: from === undefined ? host.from : asReleaseId(from),
      }));
      const endedAt = new Date(Date.parse(run.startedAt) + hours * 3_600_000).toISOString();
      await opened().recordEnd(run.run, endOf(run, { hosts, endedAt }));
    };

    test('and none where runs follow each other', async () => {
      for (const run of [first, second]) await opened().recordStart(run);
      await done(first, 1);
      await done(second, 1, first.release.id);
      expect(await then(5)).toEqual([[first.release.id]]);
      expect(await then(11)).toEqual([[second.release.id]]);
    });

    test('while a run is under way, and if it never ended', async () => {
      for (const run of [first, second]) await opened().recordStart(run);
      await done(first, 1);
      expect(await then(10, 10)).toEqual([
        ['older', ['unfinished', second.run], ['not-brought', null]],
      ]);
      await done(second, 5, first.release.id);
      expect(await then(10)).toEqual([[first.release.id, ['under-way', second.run]]]);
      expect(await then(10, 15)).toEqual([[second.release.id]]);
    });

    test('but not for an earlier run without an end, after which another had the host', async () => {
      for (const run of [first, second]) await opened().recordStart(run);
      await done(second, 1, first.release.id);
      expect(await then(11)).toEqual([[second.release.id]]);
    });

    test('if the next run found it on another release', async () => {
      for (const run of [first, second]) await opened().recordStart(run);
      await done(first, 1);
      await done(second, 1, 'by-hand');
      expect(await then(5)).toEqual([[first.release.id, ['contradicted', second.run]]]);
    });

    test('if another tool had brought it', async () => {
      const hosts = first.hosts.map((host) => ({ ...host, wave: null }));
      const adopted = { ...first, hosts };
      await opened().recordStart(adopted);
      await done(adopted, 0);
      expect(await then(5)).toEqual([[first.release.id, ['adopted', first.run]]]);
    });
  });

  test('has the same figures of deploys', async () => {
    const release = { ...runOn(1).release, committedAt: '2026-11-01T08:00:00.000Z' };
    const runs = Array.from({ length: 12 }, (_, day) =>
      runOn(day + 1, day === 0 ? { release } : {}),
    );
    for (const run of runs) {
      await opened().recordStart(run);
      const isBad = run === runs[6];
      const hosts = run.hosts.map((host) => ({
        ...host,
        state: isBad ? ('reverted' as const) : ('done' as const),
      }));
      const endedAt = new Date(Date.parse(run.startedAt) + 3_600_000).toISOString();
      const end = isBad ? ({ state: 'rolled_back', exitCode: 4 } as const) : {};
      await opened().recordEnd(run.run, endOf(run, { ...end, hosts, endedAt }));
    }
    const found: RunOutcome[] = [];
    for await (const run of opened().runsBetween({})) found.push(run);
    const period = { since: at(1, 0), until: at(15, 0), isOlder: () => true };
    expect(deployStats(found, period)).toMatchObject([
      {
        ...{ app: 'shop', group: 'prod', ends: { succeeded: 11, failed: 1 } },
        frequency: { perWeek: 5.5, deploys: 11, weeks: 2 },
        leadTime: { medianMs: null, count: 1 },
        changeFailRate: { rate: 1 / 12, failed: 1, deploys: 12 },
        timeToRestore: { medianMs: null, count: 1, notRestored: 0 },
      },
    ]);
  });

  test('gives numbers as numbers and absent values as null', async () => {
    const run = runOn(1, {
      hosts: [{ host: asHostName('h'), wave: 3, from: null, to: asReleaseId('r') }],
    });
    await opened().recordStart(run);
    await opened().recordEnd(run.run, endOf(run));
    const found = await opened().getRun(run.run);
    expect(found).toMatchObject({ exitCode: 0, hostCount: 1, hosts: [{ wave: 3, from: null }] });
    for await (const { outcomes, exitCode } of opened().runsBetween({})) {
      expect([exitCode, outcomes[0]?.hosts, outcomes[0]?.wave]).toEqual([0, 1, 3]);
    }
  });
}

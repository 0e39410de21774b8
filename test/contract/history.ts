import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HistoryStore, RunStart } from '../../src/history/store.js';
import { asHostName, asReleaseId, asRunId } from '../../src/model/names.js';
import type { HostResult } from '../../src/model/runs/run.js';

const ODD = `O'Neil "x" $(id) Jörg \u{1F680} %_`;

/** A run on the given day of November, of two hosts. */
export function runOn(day: number, change: Partial<RunStart> = {}): RunStart {
  const date = `202611${String(day).padStart(2, '0')}`;
  const release = asReleaseId(`${date}T100000Z-1a2b3c4`);
  const host = (name: string, wave: number) => ({
    host: asHostName(name),
    wave,
    from: asReleaseId('older'),
    to: release,
  });
  return {
    run: asRunId(`${date}T100000Z-r${day}`),
    kind: 'deploy',
    app: 'shop',
    group: 'prod',
    operator: 'ana@bastion',
    release: { id: release, version: `v${day}`, commit: null, digest: `sha256:${day}` },
    reason: null,
    startedAt: `2026-11-${String(day).padStart(2, '0')}T10:00:00.000Z`,
    hosts: [host('web2', 0), host('web1', 1)],
    ...change,
  };
}

/** How the run of {@link runOn} went, by default well on both hosts. */
function results(run: RunStart, state: HostResult['state'] = 'done'): readonly HostResult[] {
  return run.hosts.map((host) => ({ ...host, state }));
}

/** What every history store must do, whatever it is built on. `open` gives an empty one. */
export function historyContract(name: string, open: () => Promise<HistoryStore>): void {
  describe(`${name} as a history store`, () => {
    let store: HistoryStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const end = (run: RunStart, state: 'succeeded' | 'rolled_back' = 'succeeded') =>
      store.recordEnd(run.run, {
        endedAt: '2026-11-30T10:00:00.000Z',
        state,
        exitCode: state === 'succeeded' ? 0 : 4,
        hosts: results(run),
      });

    test('gives a run back as it was recorded, text of any kind included', async () => {
      const run = runOn(1, { operator: ODD, app: ODD, group: ODD, reason: ODD });
      await store.recordStart(run);
      const { hosts, ...plain } = run;
      expect(await store.getRun(run.run)).toEqual({
        ...plain,
        endedAt: null,
        state: null,
        exitCode: null,
        hostCount: 2,
        hosts: hosts.map((host) => ({ ...host, state: 'waiting' })),
        events: [],
      });
      await end(run);
      expect(await store.getRun(run.run)).toMatchObject({
        state: 'succeeded',
        exitCode: 0,
        hosts: [{ host: 'web2', state: 'done' }, { host: 'web1' }],
      });
    });

    test('keeps what a host came to on the way, with why', async () => {
      const run = runOn(1);
      const error = { code: 'unit_unhealthy', message: ODD, exit: 3, stderr: ['a', 'b'] } as const;
      const host = asHostName('web2');
      await store.recordStart(run);
      const progress = { host, at: run.startedAt };
      await store.recordProgress(run.run, {
        hosts: [
          { ...progress, state: 'failed', error: null },
          { ...progress, state: 'reverted', error },
        ],
        events: [],
      });
      const [first, second] = (await store.getRun(run.run)).hosts;
      expect(first).toEqual({ ...run.hosts[0], state: 'reverted', error });
      expect(second?.state).toBe('waiting');
    });

    test('keeps the timeline in the order in which it came', async () => {
      const run = runOn(1);
      await store.recordStart(run);
      const events = [3, 1, 2].map((n) => ({ at: run.startedAt, type: 'warning', detail: `${n}` }));
      await store.recordProgress(run.run, { hosts: [], events: events.slice(0, 2) });
      await store.recordProgress(run.run, { hosts: [], events: events.slice(2) });
      expect((await store.getRun(run.run)).events).toEqual(events);
    });

    test('replaces a run that is recorded again', async () => {
      const run = runOn(1);
      await store.recordStart(run);
      await end(run);
      await store.recordStart(run);
      expect(await store.getRun(run.run)).toMatchObject({ state: null, hostCount: 2 });
      expect(await store.listRuns({ limit: 10 })).toHaveLength(1);
    });

    test('lists runs newest first, by app, group, number and page', async () => {
      const runs = [
        runOn(2),
        runOn(1),
        runOn(4, { app: 'shop2' }),
        runOn(3, { group: 'stage', kind: 'rollback' }),
      ];
      for (const run of runs) await store.recordStart(run);
      const days = async (
        filter: Omit<Parameters<HistoryStore['listRuns']>[0], 'limit'>,
        limit = 9,
      ) => (await store.listRuns({ ...filter, limit })).map(({ release }) => release.version);
      expect(await days({})).toEqual(['v4', 'v3', 'v2', 'v1']);
      expect(await days({ app: 'shop' })).toEqual(['v3', 'v2', 'v1']);
      expect(await days({ app: 'shop', group: 'prod' })).toEqual(['v2', 'v1']);
      expect(await days({}, 2)).toEqual(['v4', 'v3']);
      expect(await days({ before: runOn(3).run }, 1)).toEqual(['v2']);
    });

    test('finds a run by the beginning of its id, and refuses none and several', async () => {
      for (const day of [1, 2, 21]) await store.recordStart(runOn(day));
      expect((await store.getRun('20261101')).run).toBe(runOn(1).run);
      expect((await store.getRun(runOn(2).run)).run).toBe(runOn(2).run);
      for (const reference of ['2026110', '']) {
        await expect(store.getRun(reference)).rejects.toMatchObject({ code: 'run_unknown' });
      }
      await expect(store.getRun('%')).rejects.toMatchObject({ code: 'run_unknown', problems: [] });
      await expect(store.getRun('2026')).rejects.toMatchObject({
        code: 'run_unknown',
        problems: [21, 2, 1].map((day) => ({ message: runOn(day).run })),
      });
    });

    test('lists releases with who brought them first and when a run to them last succeeded', async () => {
      const [first, second] = [runOn(1), runOn(2)];
      const again = runOn(3, { release: first.release, kind: 'rollback', operator: 'bob@bastion' });
      for (const run of [first, second, again]) await store.recordStart(run);
      await end(second, 'rolled_back');
      await end(again);
      const releases = await store.listReleases('shop');
      expect(releases).toMatchObject([
        { version: 'v2', run: second.run, succeededAt: null },
        { version: 'v1', operator: 'ana@bastion', succeededAt: '2026-11-30T10:00:00.000Z' },
      ]);
      expect(await store.listReleases('other')).toEqual([]);
    });

    test('holds a run of thousands of hosts', async () => {
      const hosts = Array.from({ length: 3000 }, (_, n) => ({
        host: asHostName(`h${n}`),
        wave: null,
        from: null,
        to: null,
      }));
      const run = runOn(1, { hosts });
      await store.recordStart(run);
      await end(run);
      const found = await store.getRun(run.run);
      expect(found.hosts.map(({ host }) => host)).toEqual(hosts.map(({ host }) => host));
      const at = run.startedAt;
      const done = hosts.map(({ host }) => ({ host, state: 'reverted' as const, at, error: null }));
      const events = done.map(() => ({ at, type: 'warning', detail: 'w' }));
      await store.recordProgress(run.run, { hosts: done, events });
      const later = await store.getRun(run.run);
      expect(later.hosts.every(({ state }) => state === 'reverted')).toBe(true);
      expect(later.events).toHaveLength(hosts.length);
    });

    test('takes writes that come all at once', async () => {
      const runs = Array.from({ length: 20 }, (_, n) => runOn(n + 1));
      await Promise.all(runs.map((run) => store.recordStart(run).then(() => end(run))));
      expect(await store.listRuns({ limit: 99 })).toHaveLength(20);
    });
  });
}

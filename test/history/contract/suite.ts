import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stampOf } from '../../../src/history/stamp.js';
import type { HistoryStore } from '../../../src/history/store.js';
import { asHostName } from '../../../src/model/names.js';
import { questionsContract } from './questions.js';
import { endOf, hostIn, lineOf, ODD, runOn } from './runs.js';
import { textsContract } from './texts.js';

/** What every history store must do, whatever it is built on. `open` gives an empty one. */
export function historyContract(name: string, open: () => Promise<HistoryStore>): void {
  describe(`${name} as a history store`, () => {
    let store: HistoryStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    questionsContract(() => store);
    textsContract(() => store);

    test('gives a run back as it was recorded, text of any kind included', async () => {
      const run = runOn(1, {
        ...{ operator: ODD, app: ODD, group: ODD, reason: ODD, bastion: ODD, person: ODD },
        identity: { account: ODD, key: null },
        release: { ...runOn(1).release, version: ODD, committedAt: '2026-10-30T10:00:00.000Z' },
      });
      await store.recordStart(run);
      const { hosts, stamp, ...plain } = run;
      expect(await store.getRun(run.run)).toEqual({
        ...plain,
        endedAt: null,
        state: null,
        exitCode: null,
        hostCount: 2,
        hosts: hosts.map((host) => ({ ...host, state: 'waiting' })),
        events: [],
      });
      await store.recordEnd(run.run, endOf(run));
      expect(await store.getRun(run.run)).toMatchObject({
        state: 'succeeded',
        exitCode: 0,
        hosts: [{ host: 'web2', state: 'done' }, { host: 'web1' }],
      });
    });

    test('keeps what a host came to on the way, with why', async () => {
      const run = runOn(1);
      const error = { code: 'unit_unhealthy', message: ODD, exit: 3, stderr: ['a', 'b'] } as const;
      await store.recordStart(run);
      await store.recordProgress(run.run, {
        hosts: [
          hostIn(run, 'web2', { seq: 2, state: 'failed' }),
          hostIn(run, 'web2', { seq: 3, state: 'reverted', error }),
        ],
        events: [],
      });
      const [first, second] = (await store.getRun(run.run)).hosts;
      expect(first).toEqual({ ...run.hosts[0], state: 'reverted', error });
      expect(second?.state).toBe('waiting');
    });

    test('keeps the timeline in the order in which it came about', async () => {
      const run = runOn(1);
      await store.recordStart(run);
      const lines = [2, 3, 10, 11].map((seq) => lineOf(run, seq));
      await store.recordProgress(run.run, { hosts: [], events: lines.slice(2) });
      await store.recordProgress(run.run, { hosts: [], events: lines.slice(0, 2) });
      const { events } = await store.getRun(run.run);
      expect(events.map(({ detail }) => detail)).toEqual(['2', '3', '10', '11']);
    });

    test('is the same after each of its writes was repeated, in any order', async () => {
      const run = runOn(1);
      const progress = {
        hosts: [hostIn(run, 'web2', { seq: 2 }), hostIn(run, 'web1', { seq: 4, state: 'failed' })],
        events: [lineOf(run, 3), lineOf(run, 5)],
      };
      const hosts = run.hosts.map((host) => ({ ...host, state: 'done' as const }));
      const writes = [
        () => store.recordStart(run),
        () => store.recordProgress(run.run, progress),
        () => store.recordEnd(run.run, endOf(run, { hosts })),
      ];
      for (const write of writes) await write();
      const once = await store.getRun(run.run);
      expect(once.events).toHaveLength(2);
      const releases = await store.listReleases('shop');
      for (const order of [[0], [1], [2], [2, 1, 0], [1, 0, 2]]) {
        for (const at of order) await writes[at]?.();
        expect(await store.getRun(run.run)).toEqual(once);
      }
      expect(await store.listReleases('shop')).toEqual(releases);
      expect(await store.listRuns({ limit: 9 })).toHaveLength(1);
    });

    test('opens a run that is resumed, and keeps when it began and what is done', async () => {
      const run = runOn(1);
      await store.recordStart(run);
      await store.recordProgress(run.run, { hosts: [hostIn(run, 'web2', { seq: 2 })], events: [] });
      const waits = run.hosts.map((host) => ({ ...host, state: 'claimed' as const }));
      const [first, ...others] = waits;
      if (first === undefined) throw new Error('the run has hosts');
      const hosts = [{ ...first, state: 'done' as const }, ...others];
      await store.recordEnd(run.run, endOf(run, { state: 'paused', exitCode: 8, hosts }));
      const startedAt = '2026-11-02T10:00:00.000Z';
      const again = { ...run, operator: 'bob@other', bastion: 'other', startedAt };
      await store.recordStart({ ...again, stamp: stampOf(startedAt, 1) });
      expect(await store.getRun(run.run)).toMatchObject({
        ...{ startedAt: run.startedAt, endedAt: null, state: null, bastion: 'other' },
        hosts: [{ state: 'done' }, { state: 'claimed' }],
      });
      await store.recordEnd(run.run, endOf({ ...run, startedAt }));
      expect(await store.getRun(run.run)).toMatchObject({
        state: 'succeeded',
        operator: 'bob@other',
      });
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
      await store.recordEnd(second.run, endOf(second, { state: 'rolled_back', exitCode: 4 }));
      await store.recordEnd(again.run, endOf(again));
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
      await store.recordEnd(run.run, endOf(run));
      const found = await store.getRun(run.run);
      expect(found.hosts.map(({ host }) => host)).toEqual(hosts.map(({ host }) => host));
      const done = hosts.map(({ host }, n) =>
        hostIn(run, host, { seq: 1000 + n, state: 'reverted' }),
      );
      const events = done.map((_, n) => lineOf(run, 5000 + n));
      await store.recordProgress(run.run, { hosts: done, events });
      const later = await store.getRun(run.run);
      expect(later.hosts.every(({ state }) => state === 'reverted')).toBe(true);
      expect(later.events).toHaveLength(hosts.length);
    });

    test('takes writes that come all at once', async () => {
      const runs = Array.from({ length: 20 }, (_, n) => runOn(n + 1));
      await Promise.all(
        runs.map((run) => store.recordStart(run).then(() => store.recordEnd(run.run, endOf(run)))),
      );
      expect(await store.listRuns({ limit: 99 })).toHaveLength(20);
    });
  });
}

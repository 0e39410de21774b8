import { describe, expect, test } from 'vitest';
import type { HistoryStore } from '../../../src/history/store.js';
import { asHostName, asRunId } from '../../../src/model/names.js';
import { hostIn, lineOf, ODD, runOn } from './runs.js';

/** Texts of every kind, and of every length. */
export function textsContract(opened: () => HistoryStore): void {
  describe('keeps apart', () => {
    test('hosts whose names differ in case, accents or width', async () => {
      const names = ['web1', 'Web1', 'WEB1', 'wéb1', 'we\u0301b1', 'ｗｅｂ１', 'web_1', 'web-1'];
      const hosts = names.map((name) => ({
        host: asHostName(name),
        wave: 0,
        from: null,
        to: null,
      }));
      const run = runOn(1, { hosts });
      await opened().recordStart(run);
      const progress = [hostIn(run, 'Web1', { seq: 2 })];
      await opened().recordProgress(run.run, { hosts: progress, events: [] });
      const found = (await opened().getRun(run.run)).hosts;
      expect(found.map(({ host }) => host)).toEqual(names);
      expect(found.filter(({ state }) => state === 'done')).toHaveLength(1);
    });

    test('runs, apps and releases whose names differ in case', async () => {
      const apps = ['shop', 'SHOP', 'Shop'];
      for (const [n, app] of apps.entries()) {
        await opened().recordStart(runOn(1, { app, run: asRunId(`20261101T100000Z-a${n}`) }));
        await opened().recordStart(runOn(2, { app, run: asRunId(`20261102T100000Z-${'aA_'[n]}`) }));
      }
      expect(await opened().listRuns({ limit: 99 })).toHaveLength(6);
      for (const app of apps) {
        expect(await opened().listRuns({ apps: [app], limit: 9 })).toHaveLength(2);
        expect(await opened().listReleases(app)).toHaveLength(2);
      }
      expect((await opened().getRun('20261102T100000Z-A')).app).toBe('SHOP');
    });

    test('and sorts runs as their characters do', async () => {
      const ids = ['20261101T100000Z-Z', '20261101T100000Z-_', '20261101T100000Z-a'];
      for (const id of [...ids].reverse())
        await opened().recordStart(runOn(1, { run: asRunId(id) }));
      const found = await opened().listRuns({ limit: 9 });
      expect(found.map(({ run }) => run)).toEqual([...ids].reverse());
      const [next] = await opened().listRuns({ limit: 1, before: asRunId('20261101T100000Z-_') });
      expect(next?.run).toBe(ids[0]);
    });
  });

  describe('takes a text', () => {
    const error = (message: string, stderr: readonly string[] = []) =>
      ({ code: 'unit_unhealthy', message, stderr }) as const;

    test('of more than 64 KB as it is', async () => {
      const run = runOn(1);
      await opened().recordStart(run);
      const long = error(ODD, [`${'é\u{1F680}\\"'.repeat(12_000)}`]);
      const detail = '張'.repeat(40_000);
      await opened().recordProgress(run.run, {
        hosts: [hostIn(run, 'web2', { seq: 2, state: 'failed', error: long })],
        events: [lineOf(run, 3, detail)],
      });
      const found = await opened().getRun(run.run);
      expect(found.hosts[0]?.error).toEqual(long);
      expect(found.events[0]?.detail).toBe(detail);
    });

    test('of a megabyte, and cuts it at a character', async () => {
      const run = runOn(1);
      await opened().recordStart(run);
      await opened().recordProgress(run.run, {
        hosts: [
          hostIn(run, 'web2', { seq: 2, state: 'failed', error: error('died', ['x'.repeat(1e6)]) }),
        ],
        events: [lineOf(run, 3, '\u{1F680}'.repeat(300_000))],
      });
      const found = await opened().getRun(run.run);
      expect(found.hosts[0]?.error).toMatchObject({ code: 'unit_unhealthy', message: 'died' });
      const detail = found.events[0]?.detail ?? '';
      expect(Buffer.byteLength(detail)).toBeLessThanOrEqual(256 * 1024);
      expect(detail).toMatch(/^\u{1F680}{65000,}…$/u);
    });

    test('with a NUL or half a character, which becomes a sign for one', async () => {
      const run = runOn(1);
      await opened().recordStart(run);
      const events = [lineOf(run, 2, 'a\0b'), lineOf(run, 3, 'a\ud83d')];
      await opened().recordProgress(run.run, { hosts: [], events });
      const details = (await opened().getRun(run.run)).events.map(({ detail }) => detail);
      expect(details).toEqual(['a\ufffdb', 'a\ufffd']);
    });
  });

  describe('keeps documents of a run', () => {
    const run = runOn(1).run;

    test('of any size, each kind once', async () => {
      const big = JSON.stringify({ plan: `${ODD}\u{1F680}`.repeat(100_000) });
      await opened().putShared(run, { kind: 'plan', json: '{}' });
      await opened().putShared(run, { kind: 'state', json: '[1]' });
      await opened().putShared(run, { kind: 'plan', json: big });
      await opened().putShared(runOn(2).run, { kind: 'plan', json: '{}' });
      const found = await opened().getShared(run);
      expect(found.map(({ kind }) => kind)).toEqual(['plan', 'state']);
      expect(found[0]?.json === big).toBe(true);
      await opened().putShared(run, { kind: 'plan', json: '{"short":true}' });
      expect((await opened().getShared(run))[0]?.json).toBe('{"short":true}');
    });

    test('until they are removed', async () => {
      await opened().putShared(run, { kind: 'plan', json: '{}' });
      await opened().removeShared(run);
      await opened().removeShared(run);
      expect(await opened().getShared(run)).toEqual([]);
    });
  });
}

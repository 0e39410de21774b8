import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openLogHistory } from '../../src/history/log/open.js';
import { endOf, lineOf, runOn } from './contract/runs.js';
import { historyContract } from './contract/suite.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => {
  count += 1;
  return join(root, `log-${count}`);
};

historyContract('the log', () => openLogHistory(fresh()));

describe('the log', () => {
  test('is one file of JSON lines for each day', async () => {
    const folder = fresh();
    const store = await openLogHistory(folder);
    for (const day of [1, 2]) {
      await store.recordStart(runOn(day));
      await store.recordEnd(runOn(day).run, endOf(runOn(day)));
    }
    const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
    expect(names.toSorted()).toEqual(['20261101.ndjson', '20261102.ndjson', 'releases.ndjson']);
  });

  test('passes over a line that was cut off, and goes on behind it', async () => {
    const folder = fresh();
    const store = await openLogHistory(folder);
    const run = runOn(1);
    await store.recordStart(run);
    appendFileSync(join(folder, '20261101.ndjson'), '{"kind":"end","run":"2026');
    await store.recordProgress(run.run, { hosts: [], events: [lineOf(run, 2)] });
    await store.recordEnd(run.run, endOf(run));
    expect(await store.getRun(run.run)).toMatchObject({ state: 'succeeded', events: [{}] });
  });

  test('has every run of four processes that write at once, one of which is killed', async () => {
    const folder = fresh();
    const start = (n: number) =>
      fork(new URL('./support/server-writer.ts', import.meta.url), [`log:${folder}`, `${n}`], {
        execArgv: ['--import', 'tsx'],
      });
    const writers = [1, 2, 3, 4].map(start);
    const exits = writers.map((writer) => once(writer, 'exit'));
    await Promise.all(writers.map((writer) => once(writer, 'message')));
    writers[0]?.kill('SIGKILL');
    await Promise.all(exits);
    expect((await once(start(1), 'exit'))[0]).toBe(0);
    const store = await openLogHistory(folder);
    const runs = await store.listRuns({ limit: 999 });
    expect(runs).toHaveLength(160);
    expect(runs.every(({ state }) => state === 'succeeded')).toBe(true);
    expect(await store.listOpenRuns({})).toEqual([]);
  }, 60_000);

  test('in a place where none can be is refused', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(openLogHistory(join(file, 'log'))).rejects.toMatchObject({
      code: 'history_unavailable',
    });
  });
});

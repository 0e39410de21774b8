import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openLogHistory } from '../../src/history/log/open.js';
import { logLocation } from '../../src/model/history/history-log.js';
import { endOf, lineOf, runOn } from './contract/runs.js';
import { historyContract } from './contract/suite.js';
import { writersContract } from './contract/writers.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-log-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => {
  count += 1;
  return join(root, `log-${count}`);
};

historyContract('the log', async () => openLogHistory(fresh()));
writersContract('the log', { fresh: () => logLocation(fresh()) });

describe('the log', () => {
  test('is one file of JSON lines for each day', async () => {
    const folder = fresh();
    const store = openLogHistory(folder);
    for (const day of [1, 2]) {
      await store.recordStart(runOn(day));
      await store.recordEnd(runOn(day).run, endOf(runOn(day)));
    }
    const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson'));
    expect(names.toSorted()).toEqual(['20261101.ndjson', '20261102.ndjson', 'releases.ndjson']);
  });

  test('passes over a line that was cut off, and goes on behind it', async () => {
    const folder = fresh();
    const store = openLogHistory(folder);
    const run = runOn(1);
    await store.recordStart(run);
    appendFileSync(join(folder, '20261101.ndjson'), '{"kind":"end","run":"2026');
    await store.recordProgress(run.run, { hosts: [], events: [lineOf(run, 2)] });
    await store.recordEnd(run.run, endOf(run));
    expect(await store.getRun(run.run)).toMatchObject({ state: 'succeeded', events: [{}] });
  });

  test('is not made by a command that only reads', async () => {
    const folder = fresh();
    const store = openLogHistory(folder);
    expect(await store.listRuns({ limit: 9 })).toEqual([]);
    expect(await store.listReleases('shop')).toEqual([]);
    expect(await store.listOpenRuns({})).toEqual([]);
    await expect(store.getRun('2026')).rejects.toMatchObject({ code: 'run_unknown' });
    expect(existsSync(folder)).toBe(false);
  });

  test('in a place where none can be is refused', async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    await expect(openLogHistory(join(file, 'log')).listRuns({ limit: 1 })).rejects.toMatchObject({
      code: 'history_unavailable',
    });
  });
});

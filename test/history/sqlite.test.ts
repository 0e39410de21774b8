import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, expect, test } from 'vitest';
import { historyContract, runOn } from '../contract/history.js';
import { openHere } from './support/open-here.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-history-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
function freshFile(): string {
  count += 1;
  return join(root, `state-${count}`, 'history.db');
}

historyContract('sqlite', () => openHere(freshFile()));

describe('the history file', () => {
  test('is for its owner alone, with all that lies beside it', async () => {
    const file = freshFile();
    const store = await openHere(file);
    await store.recordStart(runOn(1));
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
    for (const part of ['', '-wal', '-shm']) expect(statSync(file + part).mode & 0o777).toBe(0o600);
    await store.close();
  });

  test('is there again the next time', async () => {
    const file = freshFile();
    for (const day of [1, 2]) {
      const store = await openHere(file);
      await store.recordStart(runOn(day));
      expect(await store.listRuns({ limit: 9 })).toHaveLength(day);
      await store.close();
    }
  });

  test('may be written by several processes from the start', async () => {
    const file = freshFile();
    const writers = [1, 2, 3].map((n) =>
      fork(new URL('./support/history-writer.ts', import.meta.url), [file, `${n}`], {
        execArgv: ['--import', 'tsx'],
      }),
    );
    const ends = await Promise.all(writers.map((writer) => once(writer, 'exit')));
    expect(ends.map(([code]) => code)).toEqual([0, 0, 0]);
    const store = await openHere(file);
    expect(await store.listRuns({ limit: 99 })).toHaveLength(30);
    await store.close();
  });

  test('waits for another process without holding the event loop', async () => {
    const file = freshFile();
    const store = await openHere(file);
    const other = new Database(file);
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    for (const day of [1, 2, 3]) {
      other.exec('begin immediate');
      setTimeout(() => other.exec('commit'), 150);
      await store.recordStart(runOn(day));
    }
    clearInterval(beat);
    expect(longest).toBeLessThan(150);
    expect(await store.listRuns({ limit: 9 })).toHaveLength(3);
    other.close();
    await store.close();
  });

  test('that is no database is refused with the remedy, and left as it is', async () => {
    const file = join(root, 'garbage.db');
    writeFileSync(file, 'not a database '.repeat(500));
    await expect(openHere(file)).rejects.toMatchObject({
      code: 'history_unavailable',
      message: expect.stringContaining(file),
      hint: expect.stringContaining('Move'),
    });
    expect(statSync(file).size).toBe(7500);
  });

  test('of a fleet that knew no reasons gets them, and that fleet still reads and writes it', async () => {
    const file = freshFile();
    await (await openHere(file)).close();
    const before = new Database(file);
    before.exec('alter table runs drop column reason');
    writeBefore(before, 'r-before');
    const store = await openHere(file);
    await store.recordStart(runOn(1, { reason: 'the login fix' }));
    // The earlier fleet again, in the middle of it: it names its columns and checks the version.
    writeBefore(before, 'r-again');
    const versions = before.prepare('select version from schema_migrations').all();
    expect(versions).toEqual([{ version: 1 }]);
    const runs = await store.listRuns({ limit: 9 });
    expect(Object.fromEntries(runs.map(({ run, reason }) => [run, reason]))).toEqual({
      'r-before': null,
      'r-again': null,
      [runOn(1).run]: 'the login fix',
    });
    before.close();
    await store.close();
    await (await openHere(file)).close();
  });

  test('of a newer fleet is refused', async () => {
    const file = freshFile();
    await (await openHere(file)).close();
    const later = new Database(file);
    later.exec(`insert into schema_migrations values (99, 'later')`);
    later.close();
    await expect(openHere(file)).rejects.toMatchObject({
      code: 'history_unavailable',
      message: expect.stringContaining('newer fleet (schema 99'),
    });
  });

  test('in a place where none can be is refused', async () => {
    const notFolder = join(root, 'file');
    writeFileSync(notFolder, '');
    chmodSync(notFolder, 0o600);
    for (const file of [join(notFolder, 'history.db'), root]) {
      await expect(openHere(file)).rejects.toMatchObject({ code: 'history_unavailable' });
    }
    expect(existsSync(join(notFolder, 'history.db'))).toBe(false);
  });
});

/** A run as a fleet before reasons records it. */
function writeBefore(database: Database.Database, run: string): void {
  const fields = ['run', 'kind', 'app', 'group_name', 'operator', 'release_id', 'version'];
  const columns = [...fields, 'digest', 'started_at', 'host_count'].join(', ');
  const values = `'${run}', 'deploy', 'shop', 'prod', 'ana@b', 'rel', 'v', 'sha256:1', 't', 1`;
  database.exec(`insert into runs (${columns}) values (${values})`);
}

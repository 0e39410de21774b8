import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, expect, test } from 'vitest';
import { runOn } from './contract/runs.js';
import { historyContract } from './contract/suite.js';
import { writersContract } from './contract/writers.js';
import { openHere } from './support/open-here.js';

/** A file of the fleet before stamps, with one run that has ended and one that has not. */
const WITHOUT_STAMPS = join(import.meta.dirname, '../fixtures/history/without-stamps.db');

const root = mkdtempSync(join(tmpdir(), 'fleet-history-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
function freshFile(): string {
  count += 1;
  return join(root, `state-${count}`, 'history.db');
}

historyContract('sqlite', () => openHere(freshFile()));
writersContract('sqlite', { fresh: () => ({ kind: 'sqlite', path: freshFile() }) });

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

  test('of an older fleet is used as it is, and that fleet still reads and writes it', async () => {
    const file = freshFile();
    mkdirSync(dirname(file));
    copyFileSync(WITHOUT_STAMPS, file);
    const store = await openHere(file);
    const [open, ended] = await store.listRuns({ limit: 9 });
    expect(ended).toMatchObject({ state: 'succeeded', bastion: 'bastion', person: null });
    expect(open).toMatchObject({ state: null, reason: null, release: { committedAt: null } });
    const { hosts, events } = await store.getRun('20261101');
    expect(hosts).toMatchObject([{ host: 'web2', state: 'done' }, { host: 'web1' }]);
    expect(events.map(({ detail }) => detail)).toEqual(['one', 'two', 'three']);
    await store.recordStart(runOn(3, { reason: 'the login fix' }));
    // The earlier fleet again, in the middle of it: it names its columns and checks the version.
    const before = new Database(file);
    writeBefore(before, 'r-again');
    const versions = before.prepare('select version from schema_migrations').all();
    expect(versions).toEqual([{ version: 1 }]);
    const runs = await store.listRuns({ limit: 9 });
    expect(runs.map(({ run, reason }) => [run, reason])).toEqual([
      ['r-again', null],
      [runOn(3).run, 'the login fix'],
      ['20261102T100000Z-open', null],
      ['20261101T100000Z-abcd', 'the login fix'],
    ]);
    expect((await store.getRun('r-again')).events).toMatchObject([
      { detail: 'a' },
      { detail: 'b' },
    ]);
    before.close();
    await store.close();
    await (await openHere(file)).close();
  });

  test('that a killed fleet has half migrated is finished by the next', async () => {
    const file = freshFile();
    await (await openHere(file)).close();
    const killed = new Database(file);
    for (const column of ['bastion', 'person'])
      killed.exec(`alter table runs drop column ${column}`);
    killed.exec(`delete from schema_steps where name not in ('runs', 'run_hosts')`);
    killed.close();
    const store = await openHere(file);
    await store.recordStart(runOn(1));
    expect((await store.getRun(runOn(1).run)).bastion).toBe('bastion');
    await store.close();
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

/** A run as a fleet before stamps records it. */
function writeBefore(database: Database.Database, run: string): void {
  const fields = ['run', 'kind', 'app', 'group_name', 'operator', 'release_id', 'version'];
  const columns = [...fields, 'digest', 'started_at', 'host_count'].join(', ');
  const values = `'${run}', 'deploy', 'shop', 'prod', 'ana@b', 'rel', 'v', 'sha256:1', 't', 1`;
  database.exec(`insert into runs (${columns}) values (${values})`);
  for (const detail of ['a', 'b']) {
    const event = `'${run}', 't', 'warning', '${detail}'`;
    database.exec(`insert into run_events (run, at, type, detail) values (${event})`);
  }
}

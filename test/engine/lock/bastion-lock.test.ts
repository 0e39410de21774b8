import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock } from '../../../src/cli/context/system-clock.js';
import { leaveRequest, watchRequests } from '../../../src/engine/journal/control.js';
import { noteOwner, runLiveness } from '../../../src/engine/journal/run-owner.js';
import { listBastionLocks, takeBastionLock } from '../../../src/engine/lock/bastion-lock.js';
import { withFileLock } from '../../../src/files/file-lock.js';
import { asRunId } from '../../../src/model/names.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const wish = (run: string, group = 'prod') => ({
  run: asRunId(run),
  app: 'shop',
  group,
  owner: `O'Neil@bastion`,
  leaseMs: 60_000,
});

const take = (run: string, waitMs = 0, waited: string[] = []) =>
  takeBastionLock(dir, wish(run), {
    clock,
    waitMs,
    signal: new AbortController().signal,
    onWait: (holder) => void waited.push(holder.run),
  });

const lockFile = (): string => join(dir, 'locks', readdirSync(join(dir, 'locks'))[0] ?? '');

describe('the lock of the bastion', () => {
  test('is held by one run of an app and group at a time', async () => {
    const lock = await take('run1');
    await expect(take('run2')).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`run run1 of O'Neil@bastion holds shop for prod`),
    });
    lock.release();
    (await take('run2')).release();
  });

  test('is taken by one of ten that ask for it at once', async () => {
    const tries = Array.from({ length: 10 }, (_, i) => take(`run${i}`));
    const ended = await Promise.allSettled(tries);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const each of ended) if (each.status === 'fulfilled') each.value.release();
  });

  test('is read and taken by one process at a time', async () => {
    (await take('run1')).release();
    const file = join(dir, 'locks', 'shop@prod.json.taking');
    let taken = false;
    const taking = await withFileLock(file, async () => {
      const pending = take('run2').then((lock) => {
        taken = true;
        return lock;
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(taken).toBe(false);
      return { pending };
    });
    (await taking.pending).release();
    expect(taken).toBe(true);
  });

  test('of another group is another lock', async () => {
    const lock = await take('run1');
    const other = await takeBastionLock(dir, wish('run2', 'a/../b'), {
      clock,
      waitMs: 0,
      signal: new AbortController().signal,
      onWait: () => {},
    });
    expect(listBastionLocks(dir)).toHaveLength(2);
    lock.release();
    other.release();
    expect(listBastionLocks(dir)).toEqual([]);
  });

  test('is waited for, and the wait is reported once', async () => {
    const lock = await take('run1');
    const waited: string[] = [];
    const second = take('run2', 10_000, waited);
    await expect.poll(() => waited).toEqual(['run1']);
    lock.release();
    (await second).release();
  });

  test('of a process that is dead is taken at once', async () => {
    await take('run1');
    const file = lockFile();
    const holder = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...holder, start: '1' }));
    expect(listBastionLocks(dir)).toMatchObject([{ alive: false }]);
    (await take('run2')).release();
  });

  test('of a process that is suspended is taken after its lease', async () => {
    const lock = await take('run1');
    const past = new Date(Date.now() - 61_000);
    utimesSync(lockFile(), past, past);
    const second = await take('run2');
    lock.release();
    expect(listBastionLocks(dir)).toMatchObject([{ holder: { run: 'run2' } }]);
    second.release();
  });
});

test('a run is known to be alive by its process, not by the number of it', () => {
  const folder = join(dir, 'runs/run1');
  expect(runLiveness(dir, asRunId('run1'))).toBe('unknown');
  rmSync(folder, { recursive: true, force: true });

  mkdirSync(folder, { recursive: true });
  noteOwner(folder);
  expect(runLiveness(dir, asRunId('run1'))).toBe('alive');
  const file = join(folder, 'owner.json');
  const owner = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...owner, start: '1' }));
  expect(runLiveness(dir, asRunId('run1'))).toBe('dead');
  writeFileSync(file, JSON.stringify({ ...owner, host: 'elsewhere' }));
  expect(runLiveness(dir, asRunId('run1'))).toBe('unknown');
});

test('requests reach a run in their order, each once, and what is no request is skipped', async () => {
  const heard: string[] = [];
  const first = leaveRequest(dir, { action: 'pause', by: 'ada', at: '2026-01-01T00:00:00.000Z' });
  writeFileSync(join(dir, 'control/0000.json'), '{"action":"explode"}');
  const stop = watchRequests(dir, ({ action, by }) => void heard.push(`${action} by ${by}`));
  leaveRequest(dir, { action: 'resume', by: 'bob', at: '2026-01-01T00:00:01.000Z' });
  await expect.poll(() => heard, { timeout: 5000 }).toEqual(['pause by ada', 'resume by bob']);
  stop();
  expect(readdirSync(join(dir, 'control'))).toEqual([]);
  expect(first).toContain('control/');
});

import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFileLock } from '../../src/files/file-lock.js';
import { temporaryFolder } from '../transport/support/ssh-server.js';

test('only one works at a time, and the lock is gone afterwards, also after an error', async () => {
  const path = join(temporaryFolder(), 'lock');
  let working = 0;
  let most = 0;
  const work = async () => {
    working += 1;
    most = Math.max(most, working);
    await new Promise(setImmediate);
    working -= 1;
    throw new Error('failed');
  };
  const ends = await Promise.allSettled([1, 2, 3].map(() => withFileLock(path, work)));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(most).toBe(1);
  expect(existsSync(path)).toBe(false);
});

test('a lock that a killed process left is taken over', async () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, '');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(path, longAgo, longAgo);
  expect(await withFileLock(path, async () => 'done')).toBe('done');
});

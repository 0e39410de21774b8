import { chmodSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentTime } from '../../src/artifact/content-time.js';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'fleet-times-')), 'times');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
const timeOf = (digit: string, now: Date): Promise<Date> =>
  contentTime(folder, { digest: `sha256:${digit.repeat(64)}`, now });

test('the same content keeps the time at which it was first packed', async () => {
  expect(await timeOf('a', at(1))).toEqual(at(1));
  expect(await timeOf('b', at(2))).toEqual(at(2));
  expect(await timeOf('a', at(3))).toEqual(at(1));
  expect(await timeOf('a', at(20))).toEqual(at(1));
});

test('a time that is damaged, or to come, is replaced', async () => {
  await timeOf('a', at(1));
  for (const text of ['', 'yesterday', at(9).toISOString()]) {
    writeFileSync(join(folder, 'a'.repeat(64)), text);
    expect(await timeOf('a', at(5))).toEqual(at(5));
  }
});

test('times of content that was not packed for a month are removed', async () => {
  await timeOf('a', at(1));
  utimesSync(join(folder, 'a'.repeat(64)), at(1), at(1));
  await timeOf('b', at(32));
  expect(readdirSync(folder)).toEqual(['b'.repeat(64)]);
});

test.skipIf(process.getuid?.() === 0)(
  'a folder that cannot be written gives the time of now',
  async () => {
    await timeOf('a', at(1));
    chmodSync(folder, 0o500);
    expect(await timeOf('b', at(2))).toEqual(at(2));
    chmodSync(folder, 0o700);
  },
);

test('a file in place of the folder gives the time of now', async () => {
  writeFileSync(folder, '');
  expect(await timeOf('b', at(2))).toEqual(at(2));
});

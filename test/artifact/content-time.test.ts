import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentTime, keepContentTime } from '../../src/artifact/content-time.js';

let tmpDir: string;
beforeEach(() => {
  tmpDir = mkdtempSync(join(tmpdir(), 'fleet-times-'));
});
afterEach(() => rmSync(tmpDir, { recursive: true, force: true }));

const at = (day: number): Date => new Date(Date.UTC(2026, 0, day));
const content = (digit: string) => ({ tmpDir, digest: `sha256:${digit.repeat(64)}` });
const keep = (digit: string, time: Date, now: Date) =>
  keepContentTime(content(digit), { time, now });
const fileOf = (digit: string): string => join(tmpDir, 'times', digit.repeat(64));

test('content has the time of now until a run has kept one for it', async () => {
  expect(await contentTime(content('a'), at(1))).toEqual(at(1));
  expect(readdirSync(tmpDir)).toEqual([]);
  await keep('a', at(1), at(1));
  expect(await contentTime(content('a'), at(20))).toEqual(at(1));
  expect(await contentTime(content('b'), at(20))).toEqual(at(20));
});

test('a time that is damaged, or to come, does not count', async () => {
  await keep('a', at(1), at(1));
  for (const text of ['', 'yesterday', at(9).toISOString()]) {
    writeFileSync(fileOf('a'), text);
    expect(await contentTime(content('a'), at(5))).toEqual(at(5));
  }
});

test('times of content that no run has sent for a month are removed', async () => {
  await keep('a', at(1), at(1));
  await keep('b', at(32), at(32));
  expect(readdirSync(join(tmpDir, 'times'))).toEqual(['b'.repeat(64)]);
});

test('a time that cannot be kept is no failure', async () => {
  writeFileSync(join(tmpDir, 'times'), '');
  await keep('a', at(1), at(1));
  expect(await contentTime(content('a'), at(2))).toEqual(at(2));
});

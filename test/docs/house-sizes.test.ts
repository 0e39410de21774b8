import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const MOST_FILES = 20;
const MOST_LINES = 300;

const sources = execFileSync('git', ['ls-files', '-z', '--', 'src'], {
  cwd: checkout,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '');

describe('src', () => {
  test(`has no folder of more than ${MOST_FILES} files`, () => {
    const count = new Map<string, number>();
    for (const file of sources) count.set(dirname(file), (count.get(dirname(file)) ?? 0) + 1);
    expect([...count].filter(([, files]) => files > MOST_FILES)).toEqual([]);
  });

  test(`has no file of more than ${MOST_LINES} lines`, () => {
    const lines = (file: string): number =>
      readFileSync(`${checkout}${file}`, 'utf8').split('\n').length - 1;
    expect(sources.filter((file) => lines(file) > MOST_LINES)).toEqual([]);
  });
});

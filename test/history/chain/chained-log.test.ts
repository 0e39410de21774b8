import { spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newHolder } from '../../../src/files/file-lock.js';
import { appendChained, headFileOf, keptHead } from '../../../src/history/chain/chained-log.js';
import { pairsForm } from '../../../src/history/chain/link.js';
import { readChain } from '../../../src/history/chain/verify.js';
import { temporaryFolder } from '../../transport/support/ssh-server.js';

const at = '2026-02-02T00:00:00.000Z';
const freshLog = (): string => join(temporaryFolder(), 'state', 'deploy.log');
const textOf = (file: string): string => readFileSync(file, 'latin1');
const readingOf = (file: string) => readChain(textOf(file), pairsForm);
const clean = { misfit: null, uncovered: [], covered: [], forks: [], isTorn: false };

describe('deploy.log', () => {
  test('has a digest at the end of each line, and its last one beside it, for its owner alone', () => {
    const file = freshLog();
    const first = appendChained(file, `${at} run=1`);
    const second = appendChained(file, `${at} run=2 why="Jörg"`);
    expect(textOf(file)).toBe(
      Buffer.from(`${at} run=1 chain=${first}\n${at} run=2 why="Jörg" chain=${second}\n`).toString(
        'latin1',
      ),
    );
    expect(readingOf(file)).toMatchObject({ ...clean, digests: [first, second] });
    expect(keptHead(file)).toBe(second);
    expect(statSync(headFileOf(file)).mode & 0o777).toBe(0o600);
  });

  test('stays one chain while several processes write to it', async () => {
    const file = freshLog();
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    const module = join(import.meta.dirname, '../../../src/history/chain/chained-log.ts');
    const code = `import { appendChained } from ${JSON.stringify(module)};
      for (let i = 0; i < 40; i += 1) appendChained(${JSON.stringify(file)}, 'x run=' + process.pid + '-' + i);`;
    const ends = await Promise.all(
      [1, 2, 3, 4].map(
        () =>
          new Promise((resolve) => {
            const args = ['--import', 'tsx', '--input-type=module', '-e', code];
            spawn(process.execPath, args, { stdio: 'inherit' }).on('exit', resolve);
          }),
      ),
    );
    expect(ends).toEqual([0, 0, 0, 0]);
    expect(readingOf(file)).toMatchObject({ ...clean, lines: 160, chainedFrom: 1 });
  }, 60_000);

  test('gets its line without a digest, and says so, while another process keeps the lock', () => {
    const file = freshLog();
    appendChained(file, `${at} run=1`);
    const lock = `${file}.lock`;
    mkdirSync(lock);
    writeFileSync(join(lock, newHolder()), '');
    const began = Date.now();
    expect(appendChained(file, `${at} run=2`)).toBeNull();
    expect(Date.now() - began).toBeGreaterThan(1900);
    rmSync(lock, { recursive: true });
    expect(textOf(file)).toContain('run=2 chain=unlocked\n');
    appendChained(file, `${at} run=3`);
    expect(readingOf(file)).toMatchObject({ ...clean, covered: [2] });
  });

  test('takes a lock over whose process has died', () => {
    const file = freshLog();
    appendChained(file, `${at} run=1`);
    const lock = `${file}.lock`;
    mkdirSync(lock);
    const parts = newHolder().split('~');
    writeFileSync(join(lock, [...parts.slice(0, 3), '4194304', '1', 'f'.repeat(16)].join('~')), '');
    expect(appendChained(file, `${at} run=2`)).not.toBeNull();
  });

  test.each([
    ['renamed', (file: string) => renameSync(file, `${file}.1`)],
    [
      'copied and cut to nothing',
      (file: string) => {
        copyFileSync(file, `${file}.1`);
        truncateSync(file);
      },
    ],
  ])('begins a new chain that names the last line, once it was %s', (_, rotate) => {
    const file = freshLog();
    appendChained(file, `${at} run=1`);
    const last = appendChained(file, `${at} run=2`);
    rotate(file);
    appendChained(file, `${at} run=3`);
    appendChained(file, `${at} run=4`);
    expect(textOf(file)).toMatch(
      new RegExp(`run=3 after=${last} chain=[0-9a-f]+\n.* run=4 chain=`),
    );
    expect(readingOf(file)).toMatchObject({ ...clean, lines: 2 });
    expect(readingOf(`${file}.1`)).toMatchObject({ ...clean, lines: 2 });
  });

  test('names the last line where that was removed', () => {
    const file = freshLog();
    appendChained(file, `${at} run=1`);
    const { size } = statSync(file);
    const last = appendChained(file, `${at} run=2`);
    truncateSync(file, size);
    appendChained(file, `${at} run=3`);
    expect(textOf(file)).toContain(`run=3 after=${last} chain=`);
  });

  test('continues after a line that was cut off, and after those of an older fleet', () => {
    const file = freshLog();
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `${at} run=old ${'x'.repeat(200_000)}\n`);
    appendChained(file, `${at} run=1`);
    appendFileSync(file, `${at} run=2 chai`);
    appendChained(file, `${at} run=3`);
    expect(readingOf(file)).toMatchObject({ ...clean, chainedFrom: 2, covered: [3], lines: 4 });
  });

  test('needs no digest beside it: one that is gone or cut off changes nothing', () => {
    const file = freshLog();
    appendChained(file, `${at} run=1`);
    writeFileSync(headFileOf(file), 'abc');
    appendChained(file, `${at} run=2`);
    rmSync(headFileOf(file));
    appendChained(file, `${at} run=3`);
    expect(readingOf(file)).toMatchObject({ ...clean, lines: 3 });
    expect(textOf(file)).not.toContain('after=');
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { withFileLock } from '../../src/files/file-lock.js';
import { temporaryFolder } from '../transport/support/ssh-server.js';

const HOLDER = fileURLToPath(new URL('./support/lock-holder.ts', import.meta.url));

interface Racer {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
}

async function racer(lock: string, times: number, dies: boolean): Promise<Racer> {
  const words = ['--import', 'tsx', HOLDER, lock, String(times), dies ? '1' : '0'];
  const child = spawn(process.execPath, words, { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  const ended = once(child, 'exit');
  while (!text.includes('ready')) await once(child.stdout, 'data');
  return { child, said: () => text, ended };
}

/** Half of them die with the lock in their hands, so that the others race to take it over. */
test('of many processes that race over a dead one’s lock, never two hold it', async () => {
  const lock = join(temporaryFolder(), 'lock');
  const racers = await Promise.all(
    Array.from({ length: 12 }, (_, index) => racer(lock, 15, index % 2 === 0)),
  );
  for (const { child } of racers) child.stdin?.write('go\n');
  await Promise.all(racers.map(({ ended }) => ended));
  const said = racers.map((each) => each.said());
  expect(said.filter((text) => text.includes('two holders'))).toEqual([]);
  expect(said.filter((text) => text.includes('done'))).toHaveLength(6);
  expect(said.filter((text) => text.includes('rror'))).toEqual([]);
}, 60_000);

test('a lock of an earlier fleet that was left behind is taken over by one only', async () => {
  const lock = join(temporaryFolder(), 'lock');
  const racers = await Promise.all(Array.from({ length: 8 }, () => racer(lock, 1, false)));
  writeFileSync(lock, '');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lock, longAgo, longAgo);
  for (const { child } of racers) child.stdin?.write('go\n');
  await Promise.all(racers.map(({ ended }) => ended));
  const said = racers.map((each) => each.said());
  expect(said.filter((text) => text.includes('two holders'))).toEqual([]);
  expect(said.filter((text) => text.includes('done'))).toHaveLength(8);
}, 60_000);

test('of fifty who see one stale lock at the same moment, one at a time has it', async () => {
  const lock = join(temporaryFolder(), 'lock');
  const longAgo = new Date(Date.now() - 60_000);
  let most = 0;
  for (let round = 0; round < 10; round += 1) {
    writeFileSync(lock, '');
    utimesSync(lock, longAgo, longAgo);
    let working = 0;
    const work = async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise(setImmediate);
      working -= 1;
    };
    await Promise.all(Array.from({ length: 50 }, () => withFileLock(lock, work)));
  }
  expect(most).toBe(1);
}, 60_000);

test('a holder that was overtaken gives up nothing but its own lock', async () => {
  const lock = join(temporaryFolder(), 'lock');
  await withFileLock(lock, async () => {
    const [own = ''] = readdirSync(lock);
    // As if it had been taken for dead: another has put theirs in its place.
    unlinkSync(join(lock, own));
    writeFileSync(join(lock, 'another'), '');
  });
  expect(readdirSync(lock)).toEqual(['another']);
});

test('fleet waits for a live holder however old its lock is, and 10 s for an unknown one', async () => {
  const lock = join(temporaryFolder(), 'lock');
  const longAgo = new Date(Date.now() - 60_000);
  let second: Promise<string> | undefined;
  let isOver = false;
  await withFileLock(lock, async () => {
    const [own = ''] = readdirSync(lock);
    utimesSync(join(lock, own), longAgo, longAgo);
    second = withFileLock(lock, async () => (isOver ? 'after' : 'at once'));
    // Long enough for many looks at it.
    await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 100))]);
    isOver = true;
  });
  expect(await second).toBe('after');

  const stranger = `not-${hostname()}~boot~1~1~1~0123456789abcdef`;
  mkdirSync(lock);
  writeFileSync(join(lock, stranger), '');
  utimesSync(join(lock, stranger), longAgo, longAgo);
  expect(await withFileLock(lock, async () => 'taken over')).toBe('taken over');
  expect(readdirSync(dirname(lock))).toEqual([]);
});

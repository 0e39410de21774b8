import { expect, test } from 'vitest';
import { Scheduler } from './scheduler.js';
import { SimProcess } from './sim-process.js';

const FOREVER = Number.POSITIVE_INFINITY;

test('things happen in the order of their moments, and at the same moment in that of their asking', async () => {
  const scheduler = new Scheduler();
  const seen: string[] = [];
  for (const [at, name] of [
    [30, 'c'],
    [10, 'a'],
    [30, 'd'],
    [20, 'b'],
  ] as const) {
    scheduler.at(at, () => seen.push(`${name}${scheduler.now}`));
  }
  expect(await scheduler.run(() => false, FOREVER)).toBe('idle');
  expect(seen).toEqual(['a10', 'b20', 'c30', 'd30']);
});

test('what was cancelled does not happen, and a limit keeps what is later', async () => {
  const scheduler = new Scheduler();
  const seen: number[] = [];
  for (const at of [1, 2, 3]) scheduler.at(at, () => seen.push(at));
  scheduler.at(1, () => seen.push(0)).cancel();
  expect(await scheduler.run(() => false, 2)).toBe('limit');
  expect(seen).toEqual([1, 2]);
  expect(await scheduler.run(() => false, FOREVER)).toBe('idle');
  expect(seen).toEqual([1, 2, 3]);
});

test('everything that a wake-up leads to has happened before time goes on', async () => {
  const scheduler = new Scheduler();
  const clock = new SimProcess(scheduler).clock();
  const seen: string[] = [];
  const work = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    seen.push(`${name} ${clock.monotonicMs()}`);
  };
  const both = Promise.all([work('slow', 10), work('fast', 10), work('late', 11)]);
  await scheduler.run(() => false, FOREVER);
  await both;
  expect(seen).toEqual(['slow 10', 'fast 10', 'late 11']);
});

test('a process that was stopped goes on with what came meanwhile; a killed one does nothing more', async () => {
  const scheduler = new Scheduler();
  const seen: string[] = [];
  const start = (name: string): SimProcess => {
    const process = new SimProcess(scheduler);
    const clock = process.clock();
    const run = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(10);
        seen.push(`${name} ${clock.monotonicMs()}`);
      }
    };
    run().catch(() => undefined);
    return process;
  };
  const stopped = start('stopped');
  const killed = start('killed');
  scheduler.at(15, () => stopped.stop());
  scheduler.at(42, () => stopped.resume());
  scheduler.at(25, () => killed.kill());
  await scheduler.run(() => false, 60);
  expect(seen).toEqual(['stopped 10', 'killed 10', 'killed 20', 'stopped 42', 'stopped 52']);
});

test('a sleep ends when it is aborted', async () => {
  const scheduler = new Scheduler();
  const clock = new SimProcess(scheduler).clock();
  const abort = new AbortController();
  let woke = -1;
  const sleeping = clock.sleep(1000, abort.signal).then(() => {
    woke = clock.monotonicMs();
  });
  scheduler.at(5, () => abort.abort());
  await scheduler.run(() => woke >= 0, FOREVER);
  await sleeping;
  expect(woke).toBe(5);
});

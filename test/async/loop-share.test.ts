import { expect, test } from 'vitest';
import { createLoopShare } from '../../src/async/loop-share.js';

/** Holds the loop for so long. */
function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('work is done at once while its share of the turn lasts, and then no more', () => {
  const share = createLoopShare(10);
  expect(share.now(() => {})).toBe(true);
  expect(share.now(() => busy(15))).toBe(true);
  expect(share.now(() => {})).toBe(false);
});

test('the share is there again in the next turn', async () => {
  const share = createLoopShare(10);
  share.now(() => busy(15));
  await nextTurn();
  expect(share.now(() => {})).toBe(true);
});

test('what comes later is done in order, over as many turns as it takes', async () => {
  const share = createLoopShare(10);
  const done: number[] = [];
  for (const piece of [1, 2, 3]) {
    share.later(() => {
      done.push(piece);
      busy(15);
    });
  }
  expect(done).toEqual([]);
  // None goes before those who wait.
  expect(share.now(() => {})).toBe(false);
  for (const soFar of [[1], [1, 2], [1, 2, 3]]) {
    await nextTurn();
    expect(done).toEqual(soFar);
  }
});

test('what throws at once has taken its time all the same', () => {
  const share = createLoopShare(10);
  const failing = () => {
    busy(15);
    throw new Error('bad packet');
  };
  expect(() => share.now(failing)).toThrow('bad packet');
  expect(share.now(() => {})).toBe(false);
});

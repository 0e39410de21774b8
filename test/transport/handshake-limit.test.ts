import { expect, test } from 'vitest';
import { createHandshakeLimit } from '../../src/transport/handshake-limit.js';

test('turns are given in the order of asking, never more than allowed', async () => {
  const limit = createHandshakeLimit(2);
  const order: number[] = [];
  const take = async (id: number) => {
    const turn = await limit.take();
    order.push(id);
    return turn;
  };
  const first = await take(1);
  await take(2);
  const third = take(3);
  const fourth = take(4);
  await Promise.resolve();
  expect(order).toEqual([1, 2]);
  first?.();
  first?.();
  (await third)?.();
  await fourth;
  expect(order).toEqual([1, 2, 3, 4]);
});

test('one who leaves the queue does not take a turn', async () => {
  const limit = createHandshakeLimit(1);
  const leaving = new AbortController();
  const held = await limit.take();
  const left = limit.take(leaving.signal);
  const next = limit.take();
  leaving.abort();
  expect(await left).toBeNull();
  expect(await limit.take(leaving.signal)).toBeNull();
  held?.();
  expect(await next).toBeTypeOf('function');
});

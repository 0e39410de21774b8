import { expect, test } from 'vitest';
import { createHandshakeLimit } from '../../../src/transport/connect/handshake-limit.js';
import { type LoopLoad, nextPace } from '../../../src/transport/connect/handshake-pace.js';

const always = (number: number) => ({ start: number, least: number, most: number });

test('turns are given in the order of asking, never more than allowed', async () => {
  const limit = createHandshakeLimit(always(2));
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
  const limit = createHandshakeLimit(always(1));
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

test('one that others wait for goes before those who came earlier', async () => {
  const limit = createHandshakeLimit(always(1));
  const held = await limit.take();
  const order: string[] = [];
  const taken = (name: string, urgent: boolean) =>
    limit.take(undefined, urgent).then((turn) => {
      order.push(name);
      turn?.();
    });
  const all = [taken('host', false), taken('jump host', true)];
  held?.();
  await Promise.all(all);
  expect(order).toEqual(['jump host', 'host']);
});

test('more turns are given while the loop waits, fewer when it is late', async () => {
  let tell: (load: LoopLoad) => void = () => {};
  let probes = 0;
  const limit = createHandshakeLimit({ start: 4, least: 1, most: 8 }, (onLoad) => {
    probes += 1;
    tell = onLoad;
    return () => {
      probes -= 1;
    };
  });
  const given: ((() => void) | null)[] = [];
  const asked = Array.from({ length: 20 }, () => limit.take().then((turn) => given.push(turn)));
  const settled = () => new Promise(setImmediate);
  await settled();
  expect([given.length, probes]).toEqual([4, 1]);
  tell({ lateMs: 0, busy: 0.1 });
  await settled();
  expect(given.length).toBe(6);
  tell({ lateMs: 400, busy: 1 });
  for (const turn of given.splice(0, 4)) turn?.();
  await settled();
  expect(given.length).toBe(3);
  for (let freed = 0; freed < 20; freed += 1) {
    given.shift()?.();
    await settled();
  }
  await Promise.all(asked);
  expect(probes).toBe(0);
});

test('the pace stays within its bounds, and where it is while the loop is just busy', () => {
  const pace = { start: 16, least: 4, most: 256 };
  expect(nextPace(16, { lateMs: 5, busy: 0.9 }, pace)).toBe(16);
  expect(nextPace(240, { lateMs: 5, busy: 0.1 }, pace)).toBe(256);
  expect(nextPace(6, { lateMs: 900, busy: 1 }, pace)).toBe(4);
});

import { describe, expect, test } from 'vitest';
import { countAt, RoundTripClock } from '../../bench/proxy/round-trips.js';

/** A piece that is on its way takes along what its sender knew. */
describe('the count of round trips', () => {
  test('is one when the handshake is over, and two when an answer has come back', () => {
    const clock = new RoundTripClock(100);
    expect(clock.log).toEqual([{ at: 100, count: 1 }]);
    clock.reachedServer(clock.clientStamp);
    clock.reachedClient(clock.serverStamp, 200);
    expect(clock.log.at(-1)).toEqual({ at: 200, count: 2 });
  });

  test('is the same for one question and for three that are sent together', () => {
    const clock = new RoundTripClock(0);
    const questions = [clock.clientStamp, clock.clientStamp, clock.clientStamp];
    for (const [index, question] of questions.entries()) {
      clock.reachedServer(question);
      clock.reachedClient(clock.serverStamp, index);
    }
    expect(clock.log.at(-1)?.count).toBe(2);
  });

  test('does not grow where the two sides speak at the same time', () => {
    const clock = new RoundTripClock(0);
    const banners = { client: clock.clientStamp, server: clock.serverStamp };
    clock.reachedServer(banners.client);
    clock.reachedClient(banners.server, 50);
    clock.reachedClient(clock.serverStamp, 51);
    expect(clock.log.at(-1)).toEqual({ at: 50, count: 2 });
  });

  test('grows with each question that was asked after an answer', () => {
    const clock = new RoundTripClock(0);
    for (const at of [10, 20, 30]) {
      clock.reachedServer(clock.clientStamp);
      clock.reachedClient(clock.serverStamp, at);
    }
    expect(clock.log.map(({ count }) => count)).toEqual([1, 2, 3, 4]);
    expect([9, 10, 25, 99].map((at) => countAt(clock.log, at))).toEqual([1, 2, 3, 4]);
  });
});

import { setMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import { retry } from '../../../src/engine/run/calls/retry.js';
import type { ErrorCode } from '../../../src/errors/codes.js';
import type { CallOutcome } from '../../../src/host/client.js';
import { createHandClock } from '../support/hand-clock.js';

const failed = (code: ErrorCode): CallOutcome => ({
  kind: 'failed',
  failure: { code, message: code },
  events: [],
  replies: [],
});

/** How often a host that always fails like this is asked within a minute. */
async function triesFor(outcome: CallOutcome): Promise<{ tries: number; last: string }> {
  const clock = createHandClock();
  const { signal } = new AbortController();
  // The test's clock keeps its listeners; a real one removes them.
  setMaxListeners(0, signal);
  let tries = 0;
  const asking = retry(
    async () => {
      tries += 1;
      return outcome;
    },
    { ms: 60_000, clock, signal, random: () => 0.5 },
  );
  await clock.pass(120_000);
  return { tries, last: (await asking).kind };
}

test.each(['host_key_changed', 'auth_failed', 'fenced', 'wrong_phase'] as const)(
  'what a host has answered is not asked for again (%s)',
  async (code) => expect(await triesFor(failed(code))).toEqual({ tries: 1, last: 'failed' }),
);

test.each(['unreachable', 'connect_timeout', 'connection_lost'] as const)(
  'a host that cannot be reached is asked again, and is lost in the end (%s)',
  async (code) => {
    const { tries, last } = await triesFor(failed(code));
    expect(tries).toBeGreaterThan(10);
    expect(last).toBe('lost');
  },
);

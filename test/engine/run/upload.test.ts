import { setMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { CallPayload } from '../../../src/engine/run/calls/host-call.js';
import { upload } from '../../../src/engine/run/calls/upload.js';
import type { ErrorCode } from '../../../src/errors/codes.js';
import type { CallOutcome } from '../../../src/host/client.js';
import { createHandClock } from '../support/hand-clock.js';

const SHA = 'a'.repeat(64);
const PAYLOAD: CallPayload = { sha256: SHA, bytes: 1000, format: 'gzip', received: 0 };
const OK: CallOutcome = { kind: 'ok', events: [], replies: [] };
const ended = (kind: 'lost' | 'failed', code: ErrorCode): CallOutcome => ({
  kind,
  failure: { code, message: code },
  events: [],
  replies: [],
});
const LOST = ended('lost', 'connection_lost');
const has = (bytes: number, sha256 = SHA): CallOutcome => ({
  kind: 'ok',
  events: [{ event: 'spool', sha256, bytes }],
  replies: [],
});

/** Uploads to a host that gives these answers, each after that many milliseconds. */
async function play(
  payload: CallPayload,
  answers: readonly { readonly asked?: CallOutcome; readonly sent?: CallOutcome; ms?: number }[],
) {
  const clock = createHandClock();
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const sent: number[] = [];
  let next = 0;
  const answer = async (kind: 'asked' | 'sent'): Promise<CallOutcome> => {
    const step = answers[next];
    if (step === undefined) return LOST;
    next += 1;
    if (step.ms !== undefined) await clock.sleep(step.ms, signal);
    return step[kind] ?? LOST;
  };
  const going = upload(
    payload,
    {
      ask: () => answer('asked'),
      send: ({ received }) => {
        sent.push(received);
        return answer('sent');
      },
    },
    { ms: 60_000, clock, signal, random: () => 0.5 },
  );
  await clock.pass(3_600_000);
  return { outcome: await going, sent };
}

test('the first try begins after what the host has, without asking for it again', async () => {
  const { outcome, sent } = await play({ ...PAYLOAD, received: 400 }, [{ sent: OK }]);
  expect({ outcome, sent }).toEqual({ outcome: OK, sent: [400] });
});

test('a lost try goes on with what the host has by then', async () => {
  const { outcome, sent } = await play(PAYLOAD, [
    { sent: LOST },
    { asked: has(700) },
    { sent: OK },
  ]);
  expect({ outcome, sent }).toEqual({ outcome: OK, sent: [0, 700] });
});

test('what it has of another archive, or too much of this one, does not count', async () => {
  for (const asked of [has(700, 'b'.repeat(64)), has(1001)]) {
    const { sent } = await play(PAYLOAD, [{ sent: LOST }, { asked }, { sent: OK }]);
    expect(sent).toEqual([0, 0]);
  }
});

test('the whole is sent once if what was there is damaged', async () => {
  const bad = ended('failed', 'digest_mismatch');
  const { outcome, sent } = await play({ ...PAYLOAD, received: 400 }, [
    { sent: bad },
    { sent: OK },
  ]);
  expect({ outcome, sent }).toEqual({ outcome: OK, sent: [400, 0] });
  const again = await play({ ...PAYLOAD, received: 400 }, [{ sent: bad }, { sent: bad }]);
  expect(again).toEqual({ outcome: bad, sent: [400, 0] });
});

test('a long upload that is dropped after its patience is still tried again, as long as it gets on', async () => {
  const hour = 600_000;
  const { outcome, sent } = await play(PAYLOAD, [
    { sent: LOST, ms: hour },
    { asked: has(300) },
    { sent: LOST, ms: hour },
    { asked: has(600) },
    { sent: OK, ms: hour },
  ]);
  expect({ outcome, sent }).toEqual({ outcome: OK, sent: [0, 300, 600] });
});

test('an upload that does not get on is lost in the end', async () => {
  const stuck = [{ asked: has(300) }, { sent: LOST, ms: 50_000 }];
  const { outcome, sent } = await play(PAYLOAD, [
    { sent: LOST, ms: 50_000 },
    ...stuck,
    ...stuck,
    ...stuck,
    ...stuck,
  ]);
  expect(outcome.kind).toBe('lost');
  expect(sent.length).toBeLessThan(5);
});

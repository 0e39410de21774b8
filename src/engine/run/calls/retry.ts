import type { ErrorCode } from '../../../errors/codes.js';
import type { CallOutcome } from '../../../host/client.js';
import type { Clock } from '../../../model/clock.js';

/** Longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE_MS = 5_000;

/** Failures to reach a host that may be temporary. A wrong key or login never is. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unreachable',
  'connect_timeout',
  'connection_lost',
]);

/** How long an effect retries a host that does not answer. */
export interface Patience {
  /** From the first try, in milliseconds. One last try is made when it is over. */
  readonly ms: number;
  /** When it began, by the clock's `monotonicMs`; asked after each try. Absent: at the first try. */
  readonly since?: (() => number) | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From 0 up to 1; spreads the tries of many hosts. */
  readonly random: () => number;
}

/**
 * Sends the same call of the same transaction until it is answered. Every verb is idempotent, so a
 * call whose answer was lost is sent again. An answer of the host, good or bad, is final. A host that
 * could not be reached in all that time is `lost`. Pauses double from half a second, with jitter.
 */
export async function retry(
  attempt: () => Promise<CallOutcome>,
  patience: Patience,
): Promise<CallOutcome> {
  const began = patience.clock.monotonicMs();
  for (let pause = 500; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const outcome = asLost(await attempt());
    if (outcome.kind !== 'lost' || outcome.final || patience.signal.aborted) return outcome;
    const since = patience.since?.() ?? began;
    const left = since + patience.ms - patience.clock.monotonicMs();
    if (left <= 0) return outcome;
    const wait = Math.min(left, pause * (0.5 + patience.random()));
    await patience.clock.sleep(wait, patience.signal);
  }
}

/** Whether the same call may still be answered, if it is sent again. */
export function isPassing(outcome: CallOutcome): boolean {
  const lost = asLost(outcome);
  return lost.kind === 'lost' && lost.final !== true;
}

function asLost(outcome: CallOutcome): CallOutcome {
  if (outcome.kind !== 'failed' || !PASSING.has(outcome.failure.code)) return outcome;
  const { failure, events, replies } = outcome;
  return { kind: 'lost', failure, events, replies };
}

import type { ErrorCode } from '../../errors/codes.js';
import type { StepOutcome } from '../../host/client.js';
import type { Clock } from '../../model/clock.js';

/** Longest pause between two tries, in milliseconds. */
const LONGEST_PAUSE_MS = 5_000;

/** Failures to reach a host that may pass by themselves. A wrong key or login never does. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unreachable',
  'connect_timeout',
  'connection_lost',
]);

/** How long an effect goes on asking a host that does not answer. */
export interface Patience {
  /** From the first try, in milliseconds; one more try is made when it has just run out. */
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From 0 up to 1; spreads the tries of many hosts. */
  readonly random: () => number;
}

/**
 * Sends the same step of the same transaction until there is an answer. Every verb is idempotent,
 * so a lost answer is asked for again; what the host has answered, good or bad, is final. A host
 * that could not be reached to the end is `lost`. Pauses double from half a second, with jitter.
 */
export async function persist(
  attempt: () => Promise<StepOutcome>,
  patience: Patience,
): Promise<StepOutcome> {
  const end = patience.clock.monotonicMs() + patience.ms;
  for (let pause = 500; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const outcome = asLost(await attempt());
    if (outcome.kind !== 'lost' || outcome.final || patience.signal.aborted) return outcome;
    const left = end - patience.clock.monotonicMs();
    if (left <= 0) return outcome;
    const wait = Math.min(left, pause * (0.5 + patience.random()));
    await patience.clock.sleep(wait, patience.signal);
  }
}

function asLost(outcome: StepOutcome): StepOutcome {
  if (outcome.kind !== 'failed' || !PASSING.has(outcome.failure.code)) return outcome;
  const { failure, events, replies } = outcome;
  return { kind: 'lost', failure, events, replies };
}

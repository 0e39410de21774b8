import type { CallOutcome } from '../../../host/client.js';
import { currentOf, readProbe, readStatus } from '../../../host/reply/facts.js';
import type { FinalReading, ProbeReading, StepResult } from '../../../rollout/state/input.js';
import { unitsFault } from '../../reading/unit-health.js';

/** The machine's input from a call that changes a host. */
export function resultOf(outcome: CallOutcome): StepResult {
  if (outcome.kind === 'ok') return { kind: 'ok' };
  const { kind, failure } = outcome;
  return kind === 'failed' && wasNotBegun(outcome)
    ? { kind, failure, untouched: true }
    : { kind, failure };
}

/** The host has refused to arm, and reports the phase that it was in before. */
function wasNotBegun({ failure, phase }: Extract<CallOutcome, { kind: 'failed' }>): boolean {
  return failure.step === 'arm' && (phase === 'claimed' || phase === 'staged');
}

/** Whether the host has confirmed, with any result of the probe after it. */
export const isConfirmed = (outcome: CallOutcome): boolean =>
  (outcome.kind === 'ok' || outcome.failure.code !== 'bad_reply') &&
  outcome.replies.some(({ verb, ok }) => verb === 'confirm' && ok);

/** From a confirmation with a probe after it. If the probe has no answer, the gate sends it again. */
export function confirmedAndProbed(outcome: CallOutcome): {
  readonly result: StepResult;
  readonly probe?: ProbeReading;
} {
  if (!isConfirmed(outcome)) return { result: resultOf(outcome) };
  const reading = probeReading(outcome);
  return { result: { kind: 'ok' }, ...(reading.kind === 'unknown' ? {} : { probe: reading }) };
}

/** The gate's input. Only a probe that the host reported counts; a step that failed is no data. */
export function probeReading(outcome: CallOutcome): ProbeReading {
  if (outcome.kind !== 'ok') return { kind: 'unknown', failure: outcome.failure };
  const look = readProbe(outcome.events);
  if (look?.healthy === true) return { kind: 'healthy' };
  const message = look?.reason ?? 'the probe gave no result';
  const failure = { code: 'probe_failed', message, step: 'probe' } as const;
  return look === null ? { kind: 'unknown', failure } : { kind: 'unhealthy', failure };
}

/** What is read of a host at the end, with these units. */
export function finalReading(outcome: CallOutcome, units: readonly string[]): FinalReading {
  const status = readStatus(outcome.events);
  if (status === null) {
    const failure =
      outcome.kind === 'ok'
        ? ({ code: 'bad_reply', message: 'no status in the reply', step: 'status' } as const)
        : outcome.failure;
    return { kind: 'unread', failure };
  }
  const fault = unitsFault(units, status);
  return {
    kind: 'read',
    idle: status.state.phase === 'idle' && status.state.run === null,
    down: status.state.phase === 'down',
    current: currentOf(status.state),
    unitsUp: fault === null,
    ...(fault === null ? {} : { fault }),
  };
}

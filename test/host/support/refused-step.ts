import type { StepOutcome } from '../../../src/host/client.js';
import type { Step } from '../../../src/host/protocol/protocol.js';

/** `ok`, or the code that the step which failed was refused with. */
export function codeOf(outcome: StepOutcome): string {
  return outcome.kind === 'ok' ? 'ok' : outcome.failure.code;
}

/** The step with another value where it says `key`. */
export function without(step: Step, key: string, value: string): Step {
  return { verb: step.verb, args: step.args.map(([k, v]) => [k, k === key ? value : v]) };
}

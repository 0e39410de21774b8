import type { Step } from '../../host/protocol/protocol.js';
import type { Ownership } from '../../host/steps/steps.js';
import { backupPreparation } from './backup-preparation.js';
import type { CallSubject } from './call-subject.js';
import type { CallLimits } from './host-call.js';

/** For one call beside the time that its steps have, in milliseconds. */
const CALL_MS = 30_000;

/** A step of the preparation, and how long it may take on the host, in milliseconds. */
export interface Preparation {
  readonly step: Step;
  readonly withinMs: number;
}

/**
 * The steps in one call before a host's activation, in order. Hooks of `before_activate` have run by
 * then: they may stop what writes, and only then a backup is taken.
 */
export function preparationSteps(by: Ownership, on: CallSubject): readonly Preparation[] {
  return backupPreparation(by, on);
}

/** A preparation that cannot be asked for changes nothing, so the host is not tried for longer. */
export function preparationLimits(steps: readonly Preparation[]): CallLimits {
  const timeoutMs = steps.reduce((sum, { withinMs }) => sum + withinMs, CALL_MS);
  return { timeoutMs, patienceMs: timeoutMs };
}

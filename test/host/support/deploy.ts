import type { StepOutcome } from '../../../src/host/client.js';
import type { Step } from '../../../src/host/protocol/protocol.js';
import {
  activateStep,
  armStep,
  claimStep,
  confirmStep,
  type Ownership,
  revertStep,
  unclaimStep,
  verifyStep,
} from '../../../src/host/steps/steps.js';
import type { Watch } from '../../../src/host/steps/watch-args.js';
import { asRunId, type ReleaseId } from '../../../src/model/names.js';
import { type FakeHost, SERVICE } from './fake-host.js';
import { type FakeRelease, NOW } from './fake-release.js';

export const WATCH: Watch = {
  service: SERVICE,
  probes: [],
  minHealthyMs: 0,
  healthyDeadlineMs: 2_000,
};

export function ownership(number: number): Ownership {
  return { epoch: number, run: asRunId(`run${number}`), txn: `run${number}-web1` };
}

export function claim(by: Ownership, expect: ReleaseId | null): Step {
  return claimStep(by, { owner: `O'Neil "x" $(id) Jörg@bastion`, leaseMs: 60_000, expect });
}

/** arm, activate, verify: what switches a host. */
export function activationSteps(
  by: Ownership,
  from: ReleaseId | null,
  to: ReleaseId,
  watch: Watch = WATCH,
): readonly Step[] {
  const version = `{"activated":"${to}"}`;
  return [
    armStep(by, { from, to, version, deadMan: 'system', withinMs: 60_000 }, watch),
    activateStep(by, watch.service),
    verifyStep(by, watch),
  ];
}

export function revert(by: Ownership, watch: Watch = WATCH): Step {
  return revertStep(by, NOW, watch);
}

/** A whole deploy as the engine does it; the outcome of the first call that failed, or of the last. */
export async function deploy(
  host: FakeHost,
  by: Ownership,
  move: { readonly from: ReleaseId | null; readonly to: FakeRelease },
): Promise<StepOutcome> {
  const calls: readonly (readonly Step[])[] = [
    [claim(by, move.from)],
    [move.to.stage(by)],
    activationSteps(by, move.from, move.to.id),
    [confirmStep(by, NOW)],
    [unclaimStep(by)],
  ];
  let outcome: StepOutcome | undefined;
  for (const [index, steps] of calls.entries()) {
    outcome = await host.run(steps, index === 1 ? move.to.payload : undefined);
    if (outcome.kind !== 'ok') return outcome;
  }
  if (outcome === undefined) throw new Error('a deploy has calls');
  return outcome;
}

import type { StepOutcome } from '../../host/client.js';
import { readUndeletable } from '../../host/reply/facts.js';
import type { Clock } from '../../model/clock.js';
import type { HostName } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import { undeletableText } from '../reading/undeletable.js';
import { isConfirmed } from './call-outcome.js';
import type { Caller } from './caller.js';
import {
  type CallSubject,
  describeCall,
  type HostEffect,
  inputOf,
  type PackedRelease,
} from './effect-table.js';
import type { CarryOut } from './run.js';

export interface EffectsOptions {
  readonly plan: Plan;
  /** The packed release; null where no host needs it. */
  readonly archive: PackedRelease | null;
  readonly call: Caller;
  readonly clock: Clock;
  /** Told of what went wrong beside the run and does not change it. */
  readonly warn: (message: string, host: HostName) => void;
}

/** Carries effects out on hosts: one call of the host program each. */
export function createEffects(options: EffectsOptions): CarryOut {
  const { plan, archive } = options;
  const plans = new Map(plan.hosts.map((host) => [host.host.name, host]));
  return async (effect, signal) => {
    if (effect.kind === 'wait') {
      // A wait that a stop has overtaken ends at once; the machine passes over it.
      await options.clock.sleep(effect.ms, signal);
      return { kind: 'elapsed' };
    }
    const host = plans.get(effect.host);
    if (host === undefined) throw new Error(`host ${effect.host} is not part of this plan`);
    const on = { plan, host, archive };
    const sending = { options, signal };
    const outcome = await (effect.kind === 'finish'
      ? finish(effect, on, sending)
      : send(effect, on, sending));
    warnOfUndeletable(outcome, on, options);
    return inputOf(effect, outcome, plan);
  };
}

interface Sending {
  readonly options: EffectsOptions;
  readonly signal: AbortSignal;
}

/** A probe goes along with a confirmation once only: if the answer is lost, the next try is without it. */
async function send(effect: HostEffect, on: CallSubject, { options, signal }: Sending) {
  const call = describeCall(effect, on);
  if (effect.kind !== 'confirm' || effect.probe !== true) return options.call(call, signal);
  const once = { ...call, limits: { ...call.limits, patienceMs: 0 } };
  const outcome = await options.call(once, signal);
  if (outcome.kind !== 'lost' || isConfirmed(outcome)) return outcome;
  return options.call(describeCall({ ...effect, probe: false }, on), signal);
}

/** The last call to a host, and what has to go before it, or instead of it. */
async function finish(
  effect: HostEffect<'finish'>,
  on: CallSubject,
  { options, signal }: Sending,
): Promise<StepOutcome> {
  if (effect.back === true) {
    // Its switch may be at it already; then this waits for its end.
    const back = describeCall({ kind: 'revert', host: effect.host, mode: 'back' }, on);
    await options.call({ ...back, limits: { ...back.limits, patienceMs: 0 } }, signal);
  }
  const outcome = await options.call(describeCall(effect, on), signal);
  if (!failedToPrune(outcome)) return outcome;
  options.warn(`old releases stay: ${outcome.failure.message}`, effect.host);
  const unpruned = { ...on, host: { ...on.host, prune: [] } };
  return options.call(describeCall(effect, unpruned), signal);
}

/** What stays on a host stops nothing, but fills its disk. */
function warnOfUndeletable(
  outcome: StepOutcome,
  { plan, host: { host, prune } }: CallSubject,
  options: EffectsOptions,
) {
  const place = { root: plan.app.root, user: host.ssh.user, old: prune };
  for (const each of readUndeletable(outcome.events)) {
    options.warn(undeletableText(each, place), host.name);
  }
}

/** A release that can not be deleted is no reason to keep the claim. */
function failedToPrune(outcome: StepOutcome): outcome is Extract<StepOutcome, { kind: 'failed' }> {
  return outcome.kind === 'failed' && outcome.failure.step === 'prune';
}

import { FleetError } from '../../errors/fleet-error.js';
import type { CallOutcome } from '../../host/client.js';
import type { PartialUpload } from '../../host/protocol/partial-upload.js';
import { readPartial, readUndeletable } from '../../host/reply/facts.js';
import type { Clock } from '../../model/clock.js';
import type { HostName } from '../../model/names.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import { ENDS_IN, type InputFor, type RunInput } from '../../rollout/state/input.js';
import type { Hooks } from '../hooks/hook-sequence.js';
import { createHookedEffects, type Hooked } from '../hooks/hooked-effects.js';
import { undeletableText } from '../reading/undeletable.js';
import { isConfirmed } from './calls/call-outcome.js';
import type { CallSubject, PackedRelease } from './calls/call-subject.js';
import type { Caller } from './calls/caller.js';
import {
  describeCall,
  type HostEffect,
  type HostEffectKind,
  inputOf,
} from './calls/effect-table.js';
import { type Pull, stageByPull } from './calls/pull.js';
import type { CarryOut } from './run.js';

export interface EffectsOptions {
  readonly plan: Plan;
  /** The packed release; null if no host needs it. */
  readonly archive: PackedRelease | null;
  /** Absent if no host of the plan has a delta. */
  readonly deltas?: PackedDeltas | undefined;
  /** How hosts fetch the release; null if it is sent over SSH. */
  readonly pull?: Pull | null | undefined;
  readonly call: Caller;
  readonly clock: Clock;
  /** Called with problems that do not change the run. */
  readonly warn: (message: string, host: HostName) => void;
  /** Absent if the plan has no hooks. */
  readonly hooks?: Hooks | undefined;
}

/** What was packed for hosts that have another release to build on. */
export interface PackedDeltas {
  of(host: HostName): PackedRelease | undefined;
  /** The whole release, for a host whose base has changed; packed now if it is not yet. */
  whole(): Promise<PackedRelease>;
}

/** Carries out effects: a call of the host program each, with the hooks around it. */
export function createEffects(options: EffectsOptions): CarryOut {
  const { plan, archive, hooks } = options;
  const plans = new Map(plan.hosts.map((host) => [host.host.name, host]));
  const planned = (name: HostName): HostPlan => {
    const host = plans.get(name);
    if (host === undefined) throw new Error(`host ${name} is not part of this plan`);
    return host;
  };
  const hooked = hooks === undefined ? null : createHookedEffects(hooks);
  const partial: PartialUploads = new Map();
  return async (effect, signal): Promise<RunInput> => {
    if (effect.kind === 'wait') {
      // After a stop, a wait ends at once, and the machine ignores it.
      await options.clock.sleep(effect.ms, signal);
      return { kind: 'elapsed' };
    }
    if (effect.kind === 'hook') {
      if (hooks === undefined) throw new Error('a plan with hooks, and nothing to run them');
      const host = effect.host === null ? null : planned(effect.host);
      const result = await hooks.forTurn(effect, host, signal);
      const { hook, turn } = effect;
      return { kind: ENDS_IN.hook, hook, turn, host: effect.host, result };
    }
    const host = planned(effect.host);
    const packed = options.deltas?.of(effect.host) ?? archive;
    const pulled = host.delta === undefined ? options.pull : null;
    const on = {
      plan,
      host,
      archive: packed,
      partial: partial.get(effect.host),
      pulled: pulled ?? undefined,
    };
    return carryOut(effect, on, { options, signal, hooked, partial });
  };
}

interface Sending {
  readonly options: EffectsOptions;
  readonly signal: AbortSignal;
  readonly hooked: Hooked | null;
  readonly partial: PartialUploads;
}

/** What each host said, when it was claimed, that it has of uploads of earlier runs. */
type PartialUploads = Map<HostName, readonly PartialUpload[]>;

function carryOut(
  effect: HostEffect,
  on: CallSubject,
  sending: Sending,
): Promise<InputFor<HostEffect>> {
  const alone = <K extends HostEffectKind>(each: HostEffect<K>) => perform(each, on, sending);
  if (sending.hooked !== null) return sending.hooked({ effect, on, signal: sending.signal }, alone);
  return alone(effect);
}

/** The effect itself, without hooks. */
async function perform<K extends HostEffectKind>(
  effect: HostEffect<K>,
  on: CallSubject,
  sending: Sending,
): Promise<InputFor<HostEffect<K>>> {
  const outcome = await callFor(effect, on, sending);
  const each: HostEffect = effect;
  if (each.kind === 'claim') sending.partial.set(each.host, readPartial(outcome.events));
  warnOfUndeletable(outcome, on, sending.options);
  return inputOf(effect, outcome, on.plan);
}

function callFor(effect: HostEffect, on: CallSubject, sending: Sending): Promise<CallOutcome> {
  switch (effect.kind) {
    case 'finish':
      return finish(effect, on, sending);
    case 'stage':
      return stage(effect, on, sending);
    default:
      return send(effect, on, sending);
  }
}

/** If the release cannot be made from what the host has, it gets the whole: for the run it is one effect. */
async function stage(
  effect: HostEffect<'stage'>,
  on: CallSubject,
  sending: Sending,
): Promise<CallOutcome> {
  const { options, signal } = sending;
  const { pull, warn } = options;
  if (on.pulled !== undefined && pull) {
    return stageByPull(on, { pull, warn, send: (subject) => send(effect, subject, sending) });
  }
  const outcome = await options.call(describeCall(effect, on), signal);
  const { deltas } = options;
  if (outcome.kind !== 'failed' || outcome.failure.code !== 'base_changed' || !deltas) {
    return outcome;
  }
  options.warn(`${outcome.failure.message}; the whole release is sent`, effect.host);
  const { delta: _, ...host } = on.host;
  const whole = await packWhole(deltas);
  if (whole.kind === 'failed') return whole;
  return options.call(describeCall(effect, { ...on, host, archive: whole.archive }), signal);
}

/** The source may have changed since the run began. Then this host fails, as if it had refused. */
async function packWhole(
  deltas: PackedDeltas,
): Promise<{ readonly kind: 'packed'; readonly archive: PackedRelease } | FailedCall> {
  try {
    return { kind: 'packed', archive: await deltas.whole() };
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    const { code, message } = error;
    const failure = { code, message, step: 'stage' };
    return { kind: 'failed', failure, events: [], replies: [] };
  }
}

type FailedCall = Extract<CallOutcome, { kind: 'failed' }>;

/** A confirmation has its probe in the first try only: if the answer is lost, retries are without it. */
async function send(effect: HostEffect, on: CallSubject, { options, signal }: Sending) {
  const call = describeCall(effect, on);
  if (call.steps.length === 0) return NOTHING;
  if (effect.kind !== 'confirm' || effect.probe !== true) return options.call(call, signal);
  const once = { ...call, limits: { ...call.limits, patienceMs: 0 } };
  const outcome = await options.call(once, signal);
  if (outcome.kind !== 'lost' || isConfirmed(outcome)) return outcome;
  return options.call(describeCall({ ...effect, probe: false }, on), signal);
}

/** An effect that has nothing to do on its host, as a preparation that is only hooks. */
const NOTHING: CallOutcome = { kind: 'ok', events: [], replies: [] };

/** The last call to a host, and what must come before it, or instead of it. */
async function finish(
  effect: HostEffect<'finish'>,
  on: CallSubject,
  { options, signal }: Sending,
): Promise<CallOutcome> {
  if (effect.back === true) {
    // Its dead-man timer may be rolling back already; then this waits until it is done.
    const back = describeCall({ kind: 'revert', host: effect.host, mode: 'back' }, on);
    await options.call({ ...back, limits: { ...back.limits, patienceMs: 0 } }, signal);
  }
  const call = describeCall(effect, on);
  if (!call.steps.some(({ verb }) => verb === 'prune')) return options.call(call, signal);
  // Deleting may take long, or hang: it is tried once, and nothing else of the run waits for it.
  const once = { ...call, limits: { ...call.limits, patienceMs: 0 } };
  const outcome = await options.call(once, signal);
  if (outcome.kind === 'ok' || isPruned(outcome)) return outcome;
  options.warn(`old releases were not deleted: ${outcome.failure.message}`, effect.host);
  return options.call(describeCall(effect, withoutPruning(on)), signal);
}

function withoutPruning({ plan, host, ...on }: CallSubject): CallSubject {
  const app = { ...plan.app, backup: undefined };
  return { ...on, plan: { ...plan, app }, host: { ...host, prune: [] } };
}

/** Old releases that stay on a host do no harm, but fill its disk. */
function warnOfUndeletable(
  outcome: CallOutcome,
  { plan, host: { host, prune } }: CallSubject,
  options: EffectsOptions,
) {
  const place = { root: plan.app.root, user: host.ssh.user, old: prune };
  for (const each of readUndeletable(outcome.events)) {
    options.warn(undeletableText(each, place), host.name);
  }
}

/** Whether the host refused what comes after the pruning: it would refuse that again. */
const isPruned = ({ kind, failure }: Exclude<CallOutcome, { kind: 'ok' }>): boolean =>
  kind === 'failed' && failure.step !== undefined && failure.step !== 'prune';

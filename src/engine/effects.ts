import type { PreparedRelease } from '../artifact/prepare.js';
import type { StepOutcome } from '../host/client.js';
import { readProbe, readStatus, readUndeletable } from '../host/facts.js';
import type { Step } from '../host/protocol.js';
import {
  type Arming,
  activateStep,
  adoptStep,
  armStep,
  claimStep,
  confirmStep,
  holdStep,
  type Ownership,
  probeStep,
  pruneSteps,
  releaseStep,
  revertStep,
  stageStep,
  statusStep,
  verifyStep,
} from '../host/steps.js';
import type { Clock } from '../model/clock.js';
import type { HostName } from '../model/names.js';
import type { HostPlan, Plan } from '../model/plan.js';
import { versionFile } from '../model/version-file.js';
import type { Effect } from '../rollout/effect.js';
import type { FinalReading, ProbeReading, RunInput, StepResult } from '../rollout/input.js';
import type { Call, Caller } from './caller.js';
import { currentOf } from './held.js';
import type { CarryOut } from './run.js';
import { undeletableText } from './undeletable.js';
import { unitsFault } from './unit-health.js';
import { watchedCall, watchOf } from './watched.js';

/** The limit of single calls, in milliseconds. */
const SHORT_CALL_MS = 30_000;
/** Hundreds of releases each; as much as one command line holds. The next run prunes the rest. */
const PRUNE_STEPS = 5;
/** An upload may be slow, but not slower than this. */
const LEAST_BYTES_PER_MS = 20;

export interface EffectsOptions {
  readonly plan: Plan;
  /** The packed release; null where no host needs it. */
  readonly archive: PreparedRelease | null;
  readonly call: Caller;
  readonly clock: Clock;
  /** Told of what went wrong beside the run and does not change it. */
  readonly warn: (message: string, host: HostName) => void;
}

type HostEffect = Exclude<Effect, { kind: 'wait' }>;

/** Carries effects out on hosts: one call of the host program each. */
export function createEffects(options: EffectsOptions): CarryOut {
  const plans = new Map(options.plan.hosts.map((host) => [host.host.name, host]));
  return async (effect, signal) => {
    if (effect.kind === 'wait') {
      // A wait that a stop has overtaken ends at once; the machine passes over it.
      await options.clock.sleep(effect.ms, signal);
      return { kind: 'elapsed' };
    }
    const host = plans.get(effect.host);
    if (host === undefined) throw new Error(`host ${effect.host} is not part of this plan`);
    const sending = { options, signal };
    const outcome = await (effect.kind === 'finish'
      ? finish(effect, host, sending)
      : send(effect, host, sending));
    warnOfUndeletable(outcome, host, options);
    return inputFor(effect, outcome, unitsAsked(effect, options.plan));
  };
}

type Sending = { readonly options: EffectsOptions; readonly signal: AbortSignal };

/** A look goes along with a confirmation once only: what is lost is asked for again without it. */
async function send(effect: HostEffect, host: HostPlan, { options, signal }: Sending) {
  const call = callFor(effect, host, options);
  if (effect.kind !== 'confirm' || effect.probe !== true) return options.call(call, signal);
  const outcome = await options.call({ ...call, patienceMs: 0 }, signal);
  if (outcome.kind !== 'lost' || isConfirmed(outcome)) return outcome;
  return options.call(callFor({ ...effect, probe: false }, host, options), signal);
}

type ConfirmEffect = Extract<Effect, { kind: 'confirm' }>;

/** Whatever became of the look after it. */
const isConfirmed = (outcome: StepOutcome): boolean =>
  (outcome.kind === 'ok' || outcome.failure.code !== 'bad_reply') &&
  outcome.replies.some(({ verb, ok }) => verb === 'confirm' && ok);

type FinishEffect = Extract<Effect, { kind: 'finish' }>;

/** The last call to a host, and what has to go before it, or instead of it. */
async function finish(effect: FinishEffect, host: HostPlan, { options, signal }: Sending) {
  if (effect.back === true) {
    // Its switch may be at it already; then this waits for its end.
    const back = callFor({ kind: 'revert', host: effect.host, mode: 'back' }, host, options);
    await options.call({ ...back, patienceMs: 0 }, signal);
  }
  const outcome = await options.call(callFor(effect, host, options), signal);
  if (!failedToPrune(outcome)) return outcome;
  options.warn(`old releases stay: ${outcome.failure.message}`, effect.host);
  return options.call(callFor(effect, { ...host, prune: [] }, options), signal);
}

/** What stays on a host stops nothing, but fills its disk. */
function warnOfUndeletable(
  outcome: StepOutcome,
  { host, prune }: HostPlan,
  options: EffectsOptions,
) {
  const place = { root: options.plan.app.root, user: host.ssh.user, old: prune };
  for (const each of readUndeletable(outcome.events)) {
    options.warn(undeletableText(each, place), host.name);
  }
}

/** A release that can not be deleted is no reason to keep the claim. */
function failedToPrune(outcome: StepOutcome): outcome is Extract<StepOutcome, { kind: 'failed' }> {
  return outcome.kind === 'failed' && outcome.failure.step === 'prune';
}

function callFor(effect: HostEffect, host: HostPlan, options: EffectsOptions): Call {
  const { plan } = options;
  const { service, probes } = plan.app;
  const since = (): string => options.clock.now().toISOString();
  const by: Ownership = { epoch: host.epoch, run: plan.run, txn: host.txn, at: since() };
  const common = { host: host.host.name, txn: by.txn };
  const short = { ...common, timeoutMs: SHORT_CALL_MS, patienceMs: SHORT_CALL_MS };
  const watched = { ...common, ...watchedCall(plan.app) };
  switch (effect.kind) {
    case 'claim':
      return { ...short, steps: () => [claimingStep(by, host, plan)] };
    case 'stage':
      return { ...common, ...stageCall(by, options) };
    case 'switch':
      return { ...watched, steps: () => switchSteps(by, host, options) };
    case 'confirm':
      return {
        ...short,
        patienceMs: watched.patienceMs,
        steps: () => [
          confirmStep(by, since()),
          ...(effect.probe === true ? [probeStep(service, probes)] : []),
        ],
      };
    case 'revert':
      return {
        ...watched,
        steps: () => [
          effect.mode === 'hold'
            ? holdStep(by, since())
            : revertStep(by, since(), watchOf(plan.app), armingOf(host, plan)),
        ],
      };
    case 'probe':
      return { ...short, patienceMs: 0, steps: () => [probeStep(service, probes)] };
    case 'finish':
      return {
        ...short,
        ...(effect.after === 'given-up' ? { patienceMs: 0 } : {}),
        steps: () => [
          ...(effect.after === 'done' ? pruneSteps(by, host.prune).slice(0, PRUNE_STEPS) : []),
          releaseStep(by),
          statusStep({ ...service, units: unitsAsked(effect, plan) }),
        ],
      };
  }
}

/** The units that a last reading is about: those of a host that is done were verified and probed. */
function unitsAsked(effect: HostEffect, { app }: Plan): readonly string[] {
  return effect.kind === 'finish' && effect.after === 'done' ? [] : app.service.units;
}

/** What an earlier controller of this run has confirmed is taken as it is, to be probed or taken back. */
function claimingStep(by: Ownership, host: HostPlan, plan: Plan): Step {
  const tenure = { owner: plan.operator, leaseMs: plan.app.policy.leaseMs };
  return host.done
    ? adoptStep(by, { ...tenure, over: null, force: false })
    : claimStep(by, { ...tenure, expect: host.from, as: host.host.name });
}

function stageCall(
  by: Ownership,
  { plan, archive, clock }: EffectsOptions,
): Omit<Call, 'host' | 'txn'> {
  if (archive === null) throw new Error('a release is to be sent, and none was packed');
  const { release: meta, app, run } = plan;
  const version = versionFile(meta, { run, at: null, previous: null });
  const { sha256, bytes, unpackedBytes: unpacked, format } = archive;
  return {
    timeoutMs: 2 * SHORT_CALL_MS + archive.bytes / LEAST_BYTES_PER_MS,
    patienceMs: 2 * SHORT_CALL_MS,
    payload: () => archive.payload(),
    steps: () => [
      stageStep(by, {
        meta,
        version,
        archive: { sha256, bytes, unpacked, format },
        shared: app.shared,
        links: app.release.links,
        since: clock.now().toISOString(),
      }),
    ],
  };
}

function switchSteps(by: Ownership, host: HostPlan, { plan, clock }: EffectsOptions) {
  const at = clock.now().toISOString();
  const version = versionFile(plan.release, { run: plan.run, at, previous: host.from });
  const { from, to, earlier } = host;
  const record = { kind: plan.kind, earlier };
  const move = { from, to, version, record, ...armingOf(host, plan) };
  return [
    armStep(by, move, watchOf(plan.app)),
    activateStep(by, plan.app.service),
    verifyStep(by, watchOf(plan.app)),
  ];
}

const armingOf = ({ deadMan }: HostPlan, { app }: Plan): Arming => ({
  deadMan,
  withinMs: app.policy.confirmDeadlineMs,
});

function inputFor(effect: HostEffect, outcome: StepOutcome, units: readonly string[]): RunInput {
  const { host } = effect;
  switch (effect.kind) {
    case 'claim':
      return { kind: 'claimed', host, result: resultOf(outcome) };
    case 'stage':
      return { kind: 'staged', host, result: resultOf(outcome) };
    case 'switch':
      return { kind: 'switched', host, result: resultOf(outcome) };
    case 'confirm':
      return confirmedInput(effect, outcome);
    case 'revert':
      return { kind: 'reverted', host, result: resultOf(outcome) };
    case 'probe':
      return { kind: 'probed', host, reading: probeReading(outcome) };
    case 'finish':
      return { kind: 'finished', host, reading: finalReading(outcome, units) };
  }
}

/** A look that told nothing is left for the gate to take anew. */
function confirmedInput({ host, probe }: ConfirmEffect, outcome: StepOutcome): RunInput {
  const result = resultOf(outcome);
  if (probe !== true || !isConfirmed(outcome)) return { kind: 'confirmed', host, result };
  const reading = probeReading(outcome);
  const look = reading.kind === 'unknown' ? {} : { probe: reading };
  return { kind: 'confirmed', host, result: { kind: 'ok' }, ...look };
}

function resultOf(outcome: StepOutcome): StepResult {
  if (outcome.kind === 'ok') return { kind: 'ok' };
  const { kind, failure } = outcome;
  return kind === 'failed' && wasNotBegun(outcome)
    ? { kind, failure, untouched: true }
    : { kind, failure };
}

/** The host has refused to arm, and by its own word is in the phase that it was in before. */
function wasNotBegun({ failure, phase }: Extract<StepOutcome, { kind: 'failed' }>): boolean {
  return failure.step === 'arm' && (phase === 'claimed' || phase === 'staged');
}

/** Only a look that the host has told of counts; a step that broke is no data. */
function probeReading(outcome: StepOutcome): ProbeReading {
  if (outcome.kind !== 'ok') return { kind: 'unknown', failure: outcome.failure };
  const look = readProbe(outcome.events);
  if (look?.healthy === true) return { kind: 'healthy' };
  const message = look?.reason ?? 'the probe told nothing';
  const failure = { code: 'probe_failed', message, step: 'probe' } as const;
  return look === null ? { kind: 'unknown', failure } : { kind: 'unhealthy', failure };
}

function finalReading(outcome: StepOutcome, units: readonly string[]): FinalReading {
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

import type { CallOutcome } from '../../../host/client.js';
import { receivedOf } from '../../../host/protocol/partial-upload.js';
import type { Step } from '../../../host/protocol/protocol.js';
import { stageStep } from '../../../host/steps/stage-step.js';
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
  renewStep,
  revertStep,
  statusStep,
  unclaimStep,
  verifyStep,
} from '../../../host/steps/steps.js';
import { unitsStep } from '../../../host/steps/unit-file-step.js';
import { versionFile } from '../../../model/releases/version-file.js';
import type { HostPlan, Plan } from '../../../model/runs/plan.js';
import type { Effect } from '../../../rollout/state/effect.js';
import { ENDS_IN, type InputFor } from '../../../rollout/state/input.js';
import { watchedCall, watchOf } from './activation-timeouts.js';
import { confirmedAndProbed, finalReading, probeReading, resultOf } from './call-outcome.js';
import type { CallSubject, PackedRelease } from './call-subject.js';
import {
  type ArtifactName,
  type CallLimits,
  type CallPayload,
  describeSteps,
  type HostCall,
} from './host-call.js';
import { preparationLimits, preparationSteps } from './preparation.js';

/** Limits of single calls, in milliseconds. */
const SHORT_CALL_MS = 30_000;
/** As many releases as one command line holds. The next run prunes the rest. */
const PRUNE_STEPS = 5;
/** An upload may be slow, but not slower than this. */
const LEAST_BYTES_PER_MS = 20;
/** For reading all contents of a release, of any size, on a host. */
const CONTENT_MS = 600_000;

/** Effects that are carried out on a host. */
export type HostEffect<K extends HostEffectKind = HostEffectKind> = {
  readonly [P in K]: { readonly kind: P } & Extract<Effect, { kind: P }>;
}[K];
export type HostEffectKind = Exclude<Effect['kind'], 'wait' | 'hook'>;

interface EffectRow<K extends HostEffectKind> {
  /** What is sent, by whom and when. */
  readonly steps: (effect: HostEffect<K>, on: CallSubject, by: Sender) => readonly Step[];
  readonly limits: (effect: HostEffect<K>, on: CallSubject) => CallLimits;
  /** Absent if the steps read nothing but their arguments. */
  readonly payload?: (on: CallSubject) => CallPayload;
  /** The machine's input from the outcome. */
  readonly input: (
    effect: HostEffect<K>,
    outcome: CallOutcome,
    plan: Plan,
  ) => InputFor<HostEffect<K>>;
}

type Sender = Ownership & { readonly at: string };

const SHORT: CallLimits = { timeoutMs: SHORT_CALL_MS, patienceMs: SHORT_CALL_MS };
const watched = (_: unknown, { plan }: CallSubject): CallLimits => watchedCall(plan.app);

/** What each effect is on a host. An effect that is missing here does not compile. */
const EFFECTS: { readonly [K in HostEffectKind]: EffectRow<K> } = {
  claim: {
    steps: (_, on, by) => [claimingStep(by, on)],
    limits: () => SHORT,
    input: ({ host }, outcome) => ({ kind: ENDS_IN.claim, host, result: resultOf(outcome) }),
  },
  stage: {
    steps: (_, on, by) => [stagingStep(by, on)],
    limits: (_, on) => ({
      timeoutMs: 2 * SHORT_CALL_MS + bytesToWrite(on) / LEAST_BYTES_PER_MS,
      patienceMs: 2 * SHORT_CALL_MS,
    }),
    payload(on) {
      const { sha256, bytes, format } = sentTo(on);
      const received = receivedOf({ sha256, bytes }, on.partial ?? []);
      return { sha256, bytes, format, received, pull: on.pulled?.args };
    },
    input: ({ host }, outcome) => ({ kind: ENDS_IN.stage, host, result: resultOf(outcome) }),
  },
  prepare: {
    steps: (_, on, by) => preparationSteps(by, on).map(({ step }) => step),
    limits: (_, on) => preparationLimits(preparationSteps(ownershipIn(on), on)),
    input: ({ host }, outcome) => ({ kind: ENDS_IN.prepare, host, result: resultOf(outcome) }),
  },
  switch: {
    steps: (_, on, by) => switchSteps(by, on),
    limits(_, { plan, host }) {
      const { timeoutMs, patienceMs } = watchedCall(plan.app);
      const reading = checkOf(plan, host) === 'content' ? CONTENT_MS : 0;
      return { timeoutMs: timeoutMs + reading, patienceMs };
    },
    input: ({ host }, outcome) => ({ kind: ENDS_IN.switch, host, result: resultOf(outcome) }),
  },
  confirm: {
    steps: ({ probe }, { plan }, by) => [
      confirmStep(by, by.at),
      ...(probe === true ? [probeStep(plan.app.service, plan.app.probes)] : []),
    ],
    limits: (_, { plan }) => ({ ...SHORT, patienceMs: watchedCall(plan.app).patienceMs }),
    input: ({ host, probe }, outcome) => ({
      kind: ENDS_IN.confirm,
      host,
      ...(probe === true ? confirmedAndProbed(outcome) : { result: resultOf(outcome) }),
    }),
  },
  revert: {
    steps: ({ mode }, { plan, host }, by) => [
      mode === 'hold'
        ? holdStep(by, by.at)
        : revertStep(by, by.at, watchOf(plan.app), armingOf(host, plan)),
    ],
    limits: watched,
    input: ({ host }, outcome) => ({ kind: ENDS_IN.revert, host, result: resultOf(outcome) }),
  },
  probe: {
    steps: (_, { plan }) => [probeStep(plan.app.service, plan.app.probes)],
    limits: () => ({ ...SHORT, patienceMs: 0 }),
    input: ({ host }, outcome) => ({ kind: ENDS_IN.probe, host, reading: probeReading(outcome) }),
  },
  finish: {
    steps: (effect, { plan, host }, by) => [
      ...(effect.after === 'done' ? pruningSteps(by, plan, host) : []),
      unclaimStep(by),
      statusStep({ ...plan.app.service, units: unitsAsked(effect, plan) }),
    ],
    limits: ({ after }) => (after === 'given-up' ? { ...SHORT, patienceMs: 0 } : SHORT),
    input: (effect, outcome, plan) => ({
      kind: ENDS_IN.finish,
      host: effect.host,
      reading: finalReading(outcome, unitsAsked(effect, plan)),
    }),
  },
};

/** The call of an effect, ready to be sent from here or from another machine. */
export function describeCall<K extends HostEffectKind>(
  effect: HostEffect<K>,
  on: CallSubject,
): HostCall {
  const row: EffectRow<K> = EFFECTS[effect.kind];
  const { txn, host } = on.host;
  const by = ownershipIn(on);
  return {
    kind: 'work',
    host: host.name,
    txn,
    steps: describeSteps((at) => row.steps(effect, on, { ...by, at })),
    limits: row.limits(effect, on),
    payload: row.payload?.(on) ?? null,
  };
}

/** The input from the outcome of an effect's call. */
export function inputOf<K extends HostEffectKind>(
  effect: HostEffect<K>,
  outcome: CallOutcome,
  plan: Plan,
): InputFor<HostEffect<K>> {
  const row: EffectRow<K> = EFFECTS[effect.kind];
  return row.input(effect, outcome, plan);
}

const ownershipIn = ({ plan: { run }, host: { epoch, txn } }: CallSubject): Ownership => ({
  epoch,
  run,
  txn,
});

/** The call that renews a claim. It is not retried: the next heartbeat comes soon. */
export function describeRenewal(plan: Plan, { host, epoch, txn }: HostPlan): HostCall {
  const { leaseMs } = plan.app.policy;
  return {
    kind: 'renewal',
    host: host.name,
    txn,
    steps: describeSteps(() => [renewStep({ epoch, run: plan.run, txn }, leaseMs)]),
    limits: { timeoutMs: leaseMs / 3, patienceMs: 0 },
    payload: null,
  };
}

/** Old releases, and old backups where the app has some. */
function pruningSteps(by: Ownership, { app }: Plan, { prune }: HostPlan): readonly Step[] {
  return pruneSteps(by, prune, app.backup?.keep ?? null).slice(0, PRUNE_STEPS);
}

/** The units of a final reading; none for a host that is done, as its units were verified and probed. */
function unitsAsked({ after }: HostEffect<'finish'>, { app }: Plan): readonly string[] {
  return after === 'done' ? [] : app.service.units;
}

/** A host that an earlier controller of this run confirmed is adopted as it is, to be probed or rolled back. */
function claimingStep(by: Ownership, { plan, host, archive, pulled }: CallSubject): Step {
  const tenure = { owner: plan.operator, leaseMs: plan.app.policy.leaseMs };
  return host.done
    ? adoptStep(by, { ...tenure, over: null, force: false })
    : claimStep(by, {
        ...tenure,
        expect: host.from,
        as: host.host.name,
        archive: host.upload ? (pulled?.archive ?? archive)?.sha256 : undefined,
      });
}

function stagingStep(by: Sender, on: CallSubject): Step {
  const { release: meta, app, run } = on.plan;
  const { unpackedBytes: unpacked, packedManifest: manifest } = packedOf(on);
  const { sha256, bytes, format } = sentTo(on);
  return stageStep(by, {
    meta: { ...meta, bytes: unpacked },
    version: versionFile(meta, { run, at: null, previous: null }),
    archive: { sha256, bytes, unpacked, format, manifest, base: on.host.delta?.base },
    shared: app.shared,
    links: app.release.links,
    since: by.at,
  });
}

/** The archive that the host gets, over SSH or by fetching it. */
const sentTo = (on: CallSubject): ArtifactName => on.pulled?.archive ?? packedOf(on);

/** A base is copied on the host, in about the time in which it would have come. */
function bytesToWrite(on: CallSubject): number {
  const { bytes } = sentTo(on);
  return on.host.delta === undefined ? bytes : bytes + packedOf(on).unpackedBytes;
}

function packedOf({ archive }: CallSubject): PackedRelease {
  if (archive === null) throw new Error('a release is to be sent, and none was packed');
  return archive;
}

function switchSteps(by: Sender, { plan, host }: CallSubject): readonly Step[] {
  const { from, to, earlier } = host;
  const version = versionFile(plan.release, { run: plan.run, at: by.at, previous: from });
  const record = { kind: plan.kind, earlier };
  const check = checkOf(plan, host);
  const move = { from, to, version, record, check, ...armingOf(host, plan) };
  return [
    ...unitSteps(by, plan, host),
    armStep(by, move, watchOf(plan.app)),
    activateStep(by, plan.app.service),
    verifyStep(by, watchOf(plan.app)),
  ];
}

/** The unit files of the release, where it brings some: the host installs them when it activates. */
function unitSteps(
  by: Sender,
  { kind, app, unitFiles = [] }: Plan,
  { host, to }: HostPlan,
): readonly Step[] {
  // A host has kept those of a release to which it is rolled back; the plan shows them, as people read them.
  if (kind !== 'deploy') return [];
  const files = unitFiles.filter(({ hosts }) => hosts.includes(host.name));
  return files.length === 0 ? [] : [unitsStep(by, to, { scope: app.service.scope, files })];
}

/** A release that this run has sent was verified when it was unpacked. */
const checkOf = (plan: Plan, host: HostPlan): Plan['check'] =>
  host.upload ? undefined : plan.check;

const armingOf = ({ deadMan }: HostPlan, { app }: Plan): Arming => ({
  deadMan,
  withinMs: app.policy.confirmDeadlineMs,
});

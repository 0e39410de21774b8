import type { HostFailure } from '../../errors/host-failure.js';
import type { HostName } from '../../model/names.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { HostPlan } from '../../model/runs/plan.js';
import type { HostStage } from '../../model/runs/run.js';
import type { FinalReading, ProbeReading } from './input.js';

/** One host within the run. */
export interface HostRun {
  readonly plan: HostPlan;
  readonly stage: HostStage;
  /** True from the moment a claim was sent until the host was asked to give it up. */
  readonly claimed: boolean;
  /** True from the moment its activation was sent: `current` may have moved. */
  readonly touched: boolean;
  /** True once it failed in any way. A host counts once. */
  readonly failed: boolean;
  /** True once another run has it, or may have it: nothing more is sent to it. */
  readonly fenced: boolean;
  readonly failure: HostFailure | null;
  /** What the open gate's probe found; null until the host has answered. */
  readonly probe: ProbeReading | null;
  /** The final reading; null until it has come. */
  readonly final: FinalReading | null;
}

export const nameOf = (host: HostRun): HostName => host.plan.host.name;

/** Being worked on: it may be out of service. */
export const isInFlight = (host: HostRun): boolean => STAGE_TRAITS[host.stage].inFlight;

/**
 * Out of service now: in flight, down or unknown, found sick by a gate, or sick before the run
 * and not cured by it. A host that never served does not count while it is not worked on.
 */
function isOut(host: HostRun): boolean {
  if (isInFlight(host)) return true;
  if (host.stage === 'done') return host.failed;
  if (host.plan.condition.kind === 'new') return false;
  return STAGE_TRAITS[host.stage].broken || host.plan.condition.kind === 'out';
}

/** Work on it takes nothing out of service. */
const isFree = (host: HostRun): boolean => isOut(host) || !hasServed(host);

const hasServed = (host: HostRun): boolean =>
  host.stage === 'done' || host.plan.condition.kind !== 'new';

const isReady = (host: HostRun): boolean => host.stage === 'claimed' || host.stage === 'staged';

/** Hosts that this run may roll back: it updated them, and they are not fenced. */
const mayBeUndone = (host: HostRun): boolean => host.stage === 'done' && !host.fenced;

/** Questions that the machine asks of all hosts over and over. Each depends on the host alone. */
export const PREDICATES = {
  claiming: (host) => host.stage === 'claiming',
  staging: (host) => host.stage === 'staging',
  inFlight: isInFlight,
  out: isOut,
  /** Ready to be activated: `readyFree` is out of service already or new, `readyServing` serves. */
  readyFree: (host) => isReady(host) && isFree(host),
  readyServing: (host) => isReady(host) && !isFree(host),
  undoableFree: (host) => mayBeUndone(host) && isFree(host),
  undoableServing: (host) => mayBeUndone(host) && !isFree(host),
  switched: (host) => host.stage === 'done',
  unprobed: (host) => host.stage === 'done' && host.probe === null,
  failed: (host) => host.failed,
  claimed: (host) => host.claimed,
  /** A host in stage `waiting` was never asked for a claim. */
  unread: (host) => host.final === null && host.stage !== 'waiting',
} satisfies Readonly<Record<string, (host: HostRun) => boolean>>;

export type Predicate = keyof typeof PREDICATES;

import { EXIT, type ExitCode, exitCodeOf } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import { STAGE_TRAITS } from '../model/runs/host-stage.js';
import type { HostResult, HostStage, RunState } from '../model/runs/run.js';
import { isFenced } from './fencing.js';
import { hasHooksLeft } from './hooks/hook-host.js';
import { policyFor } from './limits/failure-policy.js';
import { type HostRun, nameOf } from './state/host-run.js';
import type { FinalReading } from './state/input.js';
import type { RolloutState } from './state/state.js';

/** How a run ended, judged by the final reading of every host, never from memory. */
export interface Conclusion {
  readonly state: RunState;
  readonly exitCode: ExitCode;
  /** Hosts of the plan, then unchanged and skipped ones. */
  readonly hosts: readonly HostResult[];
}

/**
 * The end of a run whose hosts have all been read again; `state.activity` is `ended`. A host whose
 * last reading contradicts the run's own result is unknown, and that outranks everything else.
 */
export function conclude(state: RolloutState): Conclusion {
  const runs = [...state.hosts];
  const hosts = runs.map((host) => resultOf(state, host));
  const end = judgeEnd(state, runs, hosts);
  const undisturbed = end !== 'rollback_incomplete' && end !== 'fenced';
  const interrupted = state.stop?.kind === 'interrupted' && undisturbed;
  return {
    state: end,
    exitCode: interrupted ? EXIT.interrupted : exitCodeFor(end, runs),
    hosts: [...hosts, ...bystanders(state)],
  };
}

function judgeEnd(
  state: RolloutState,
  runs: readonly HostRun[],
  hosts: readonly HostResult[],
): RunState {
  const has = (...stages: readonly HostResult['state'][]): boolean =>
    hosts.some((host) => stages.includes(host.state));
  if (state.stop?.kind === 'fenced' || runs.some(wasFenced)) return 'fenced';
  const held = state.stop !== null && policyFor(state, state.stop) === 'hold';
  if (has('unknown') || (has('down') && !held)) return 'rollback_incomplete';
  if (state.suspended) return 'paused';
  const all = hosts.every((host) => host.state === 'done');
  // An interrupt that came after every host was activated leaves no mix of releases, but maybe hooks.
  if (state.stop?.kind === 'interrupted' && all && hasHooksLeft(state)) return 'paused';
  if (state.stop === null || (state.stop.kind === 'interrupted' && all)) {
    return all && state.plan.skipped.length === 0 ? 'succeeded' : 'succeeded_partial';
  }
  if (state.stop.kind === 'claim-refused') return 'refused';
  if (!runs.some((host) => host.touched)) return 'aborted_clean';
  return has('done', 'down') ? 'stopped_mixed' : 'rolled_back';
}

/** The last call to a host may be the first to find that another run has it. */
const wasFenced = ({ final }: HostRun): boolean =>
  final?.kind === 'unread' && isFenced(final.failure);

function exitCodeFor(end: RunState, runs: readonly HostRun[]): ExitCode {
  switch (end) {
    case 'succeeded':
      return EXIT.ok;
    case 'succeeded_partial':
      return EXIT.partial;
    case 'stopped_mixed':
      return EXIT.mixed;
    case 'rolled_back':
    case 'aborted_clean':
      return EXIT.failed;
    case 'rollback_incomplete':
      return EXIT.incomplete;
    case 'paused':
      return EXIT.paused;
    case 'fenced':
      return EXIT.locked;
    case 'refused': {
      const failure = runs.find((host) => host.failure !== null)?.failure;
      return failure?.code === 'locked' || failure?.code === 'fenced'
        ? EXIT.locked
        : exitCodeOf(failure?.code ?? 'internal');
    }
  }
}

function resultOf(state: RolloutState, host: HostRun): HostResult {
  const { stage, failure } = readStage(host);
  const final = host.final?.kind === 'read' ? host.final.current : null;
  return {
    host: nameOf(host),
    state: stage,
    wave: host.plan.wave,
    from: host.plan.from,
    to: host.final?.kind === 'read' ? final : state.plan.release.id,
    ...(failure === null ? {} : { error: failure }),
  };
}

/** The host outranks memory: a host whose last reading contradicts the run is unknown. */
function readStage(host: HostRun): { stage: HostStage; failure: HostFailure | null } {
  const { final, failure } = host;
  if (final === null || !host.touched) return { stage: host.stage, failure };
  if (final.kind === 'unread') return { stage: 'unknown', failure: failure ?? final.failure };
  if (host.stage === 'unknown') return { stage: decidedMeanwhile(host, final), failure };
  if (host.stage === 'down') return { stage: foundUp(host, final), failure };
  const expected = host.stage === 'done' ? host.plan.to : host.plan.from;
  const { settled } = STAGE_TRAITS[host.stage];
  if (!settled || (final.idle && final.current === expected && fits(host, final.unitsUp))) {
    return { stage: host.stage, failure };
  }
  return { stage: 'unknown', failure: failure ?? contradiction(host, final) };
}

/** A host that did not answer may be settled: by its dead-man timer, or by the step whose answer was lost. */
function decidedMeanwhile(
  host: HostRun,
  final: Extract<FinalReading, { kind: 'read' }>,
): 'reverted' | 'done' | 'down' | 'unknown' {
  if (final.down === true) return isAsBefore(host, final) ? 'reverted' : 'down';
  if (!final.idle) return 'unknown';
  if (final.current === host.plan.from && (final.unitsUp || !wasServing(host))) return 'reverted';
  return final.current === host.plan.to && final.unitsUp ? 'done' : 'unknown';
}

/** Out of service on the same release before the run and now: the run did not cause it. */
const isAsBefore = (host: HostRun, final: Extract<FinalReading, { kind: 'read' }>): boolean =>
  host.plan.condition.kind === 'out' && final.current === host.plan.from;

const wasServing = (host: HostRun): boolean => host.plan.condition.kind === 'serving';

/** A rollback that reported a failure has worked all the same if the host is idle on its earlier release. */
function foundUp(
  host: HostRun,
  final: Extract<FinalReading, { kind: 'read' }>,
): 'reverted' | 'down' {
  return decidedMeanwhile(host, final) === 'reverted' ? 'reverted' : 'down';
}

/** A host that did not serve before the run may be rolled back to that. */
function fits(host: HostRun, unitsUp: boolean): boolean {
  return unitsUp || (host.stage === 'reverted' && !wasServing(host));
}

function contradiction(
  host: HostRun,
  { current, fault }: Extract<FinalReading, { kind: 'read' }>,
): HostFailure {
  const why = fault === undefined ? '' : `; ${fault}`;
  return {
    code: 'host_down',
    message: `the final reading contradicts the run: current is ${current ?? 'absent'}, and the run left the host ${host.stage}${why}`,
    hint: 'to see what it runs now: fleet status -g all',
  };
}

function bystanders(state: RolloutState): readonly HostResult[] {
  const { unchanged, skipped, release } = state.plan;
  return [
    ...unchanged.map(
      (host): HostResult => ({
        host,
        state: 'unchanged',
        wave: null,
        from: release.id,
        to: release.id,
      }),
    ),
    ...skipped.map(
      ({ host, reason }): HostResult => ({
        host: host.name,
        state: 'skipped',
        wave: null,
        from: null,
        to: null,
        error: { code: 'unreachable', message: reason },
      }),
    ),
  ];
}

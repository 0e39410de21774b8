import { EXIT, type ExitCode, exitCodeOf } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import type { HostResult, HostStage, RunState } from '../model/run.js';
import { type HostRun, nameOf, type RolloutState } from './state.js';
import { policyFor } from './undo.js';

/** How a run ended, judged by what every host said when it was read again, never from memory. */
export interface Conclusion {
  readonly state: RunState;
  readonly exitCode: ExitCode;
  /** Hosts of the plan, then unchanged and skipped ones. */
  readonly hosts: readonly HostResult[];
}

/**
 * The end of a run whose hosts have all been read again; `state.activity` is `ended`. A host whose
 * last reading contradicts what the run made of it is unknown, and that outranks everything else.
 */
export function conclude(state: RolloutState): Conclusion {
  const hosts = state.hosts.map((host) => resultOf(state, host));
  const end = judgeEnd(state, hosts);
  const interrupted = state.stop?.kind === 'interrupted' && end !== 'rollback_incomplete';
  return {
    state: end,
    exitCode: interrupted ? EXIT.interrupted : exitCodeFor(state, end),
    hosts: [...hosts, ...bystanders(state)],
  };
}

function judgeEnd(state: RolloutState, hosts: readonly HostResult[]): RunState {
  const has = (...stages: readonly HostResult['state'][]): boolean =>
    hosts.some((host) => stages.includes(host.state));
  const held = state.stop !== null && policyFor(state, state.stop) === 'hold';
  if (has('unknown') || (has('down') && !held)) return 'rollback_incomplete';
  if (state.stop === null) {
    const whole = hosts.every((host) => host.state === 'done') && state.plan.skipped.length === 0;
    return whole ? 'succeeded' : 'succeeded_partial';
  }
  if (!state.hosts.some((host) => host.touched)) {
    return state.stop.kind === 'claim-refused' ? 'refused' : 'aborted_clean';
  }
  return has('done', 'down') ? 'stopped_mixed' : 'rolled_back';
}

function exitCodeFor(state: RolloutState, end: RunState): ExitCode {
  switch (end) {
    case 'succeeded':
      return EXIT.ok;
    case 'succeeded_partial':
      return EXIT.partial;
    case 'stopped_mixed':
      return EXIT.mixed;
    case 'rolled_back':
    case 'aborted_clean':
      return EXIT.rolledBack;
    case 'rollback_incomplete':
      return EXIT.incomplete;
    case 'refused': {
      const failure = state.hosts.find((host) => host.failure !== null)?.failure;
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

/** The host outranks memory: what the last reading contradicts is unknown. */
function readStage(host: HostRun): { stage: HostStage; failure: HostFailure | null } {
  const { final, failure } = host;
  if (final === null || !host.touched) return { stage: host.stage, failure };
  if (final.kind === 'unread') return { stage: 'unknown', failure: failure ?? final.failure };
  const expected = host.stage === 'done' ? host.plan.to : host.plan.from;
  const settled = host.stage === 'done' || host.stage === 'reverted';
  if (!settled || (final.idle && final.current === expected && fits(host, final.unitsUp))) {
    return { stage: host.stage, failure };
  }
  return { stage: 'unknown', failure: failure ?? contradiction(host, final.current) };
}

/** A host that did not serve before may come back to just that. */
function fits(host: HostRun, unitsUp: boolean): boolean {
  return unitsUp || (host.stage === 'reverted' && !host.plan.serving);
}

function contradiction(host: HostRun, current: string | null): HostFailure {
  return {
    code: 'host_down',
    message: `the last reading does not agree: current is ${current ?? 'absent'}, the run left it ${host.stage}`,
    hint: `fleet status -g all -l ${nameOf(host)}`,
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

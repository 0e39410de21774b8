import { EXIT, type ExitCode } from '../../errors/codes.js';
import { currentOf, whyUnread } from '../../host/reply/facts.js';
import type { HostName } from '../../model/names.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import type { HostResult, RunState } from '../../model/runs/run.js';
import type { HostReading } from '../reading/host-reading.js';
import type { Recovered } from './recover.js';

/** How a run ended whose controller crashed, judged by its hosts when they were recovered. */
export interface CrashedRunEnd {
  readonly state: RunState;
  readonly exitCode: ExitCode;
  readonly hosts: readonly HostResult[];
}

export function concludeCrashedRun(
  plan: Plan,
  surveys: readonly HostReading[],
  recovered: readonly Recovered[],
): CrashedRunEnd {
  const surveyOf = new Map(surveys.map((survey) => [survey.host.name, survey]));
  const recoveredOf = new Map(recovered.map((each) => [each.host, each]));
  const hosts = plan.hosts.map((host) =>
    resultOf(host, surveyOf.get(host.host.name), recoveredOf.get(host.host.name)),
  );
  return { ...judge(hosts), hosts };
}

function resultOf(
  host: HostPlan,
  survey: HostReading | undefined,
  recovered: Recovered | undefined,
): HostResult {
  const { from, wave } = host;
  const name: HostName = host.host.name;
  const common = { host: name, wave, from };
  if (recovered !== undefined && BROKEN.has(recovered.state)) {
    const state = recovered.state === 'down' ? 'down' : 'unknown';
    const error = { code: 'host_down', message: recovered.detail } as const;
    return { ...common, state, to: recovered.current, error };
  }
  if (survey?.kind !== 'read') {
    const error = survey?.failure ?? ({ code: 'unreachable', message: 'was not asked' } as const);
    return { ...common, state: 'unknown', to: null, error };
  }
  const { facts } = survey;
  const unread = whyUnread(facts, 'state');
  if (unread !== null) {
    const error = { code: 'not_readable', message: unread } as const;
    return { ...common, state: 'unknown', to: currentOf(facts), error };
  }
  const current = recovered?.current ?? currentOf(facts);
  if (current === host.to) return { ...common, state: 'done', to: current };
  const touched = recovered?.state === 'reverted' || facts.txn === host.txn;
  return { ...common, state: touched ? 'reverted' : 'waiting', to: current };
}

const BROKEN: ReadonlySet<Recovered['state']> = new Set(['down', 'unknown', 'locked']);

/** I9: a run has succeeded if every host was read and is on the release. */
function judge(hosts: readonly HostResult[]): Omit<CrashedRunEnd, 'hosts'> {
  const has = (state: HostResult['state']): boolean => hosts.some((host) => host.state === state);
  if (has('unknown') || has('down')) {
    return { state: 'rollback_incomplete', exitCode: EXIT.incomplete };
  }
  if (hosts.every((host) => host.state === 'done'))
    return { state: 'succeeded', exitCode: EXIT.ok };
  if (has('done')) return { state: 'stopped_mixed', exitCode: EXIT.mixed };
  const state = has('reverted') ? 'rolled_back' : 'aborted_clean';
  return { state, exitCode: EXIT.failed };
}

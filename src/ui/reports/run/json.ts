import type { ExitCode } from '../../../errors/codes.js';
import type { HostName } from '../../../model/names.js';
import { STAGE_TRAITS } from '../../../model/runs/host-stage.js';
import type { Plan } from '../../../model/runs/plan.js';
import type { HostResult, RunState } from '../../../model/runs/run.js';
import { failureJson } from '../../json/parts.js';
import type { RunJson } from './schema.js';

/** How a run ended, for `--json`. `hosts` is empty if nothing was done. */
export interface RunEnding {
  readonly plan: Plan;
  readonly state: RunState;
  readonly exitCode: ExitCode;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly hosts?: readonly HostResult[] | undefined;
}

/** The object that `fleet deploy --json` and `fleet rollback --json` print. */
export function runJson(ending: RunEnding): RunJson {
  const { plan, state, exitCode, startedAt, endedAt } = ending;
  const results = withLeftOut(plan, ending.hosts ?? []);
  return {
    schemaVersion: 1,
    run: plan.run,
    kind: plan.kind,
    app: plan.app.name,
    group: plan.group,
    state,
    exitCode,
    release: plan.release.id,
    reason: plan.reason,
    startedAt,
    endedAt,
    waves: wavesJson(plan, results),
    hosts: results.map((result) => ({
      host: result.host,
      state: result.state,
      wave: result.wave,
      from: result.from,
      to: result.to,
      ...(result.error === undefined ? {} : { error: failureJson(result.error) }),
    })),
  };
}

/** Every selected host is listed, also those that the run left out. */
function withLeftOut(plan: Plan, results: readonly HostResult[]): readonly HostResult[] {
  const known = new Set(results.map((result) => result.host));
  const leftOut = (host: HostName, state: 'skipped' | 'unchanged'): HostResult => {
    const release = state === 'unchanged' ? plan.release.id : null;
    return { host, state, wave: null, from: release, to: release };
  };
  return [
    ...results,
    ...plan.unchanged.filter((host) => !known.has(host)).map((host) => leftOut(host, 'unchanged')),
    ...plan.skipped
      .map(({ host }) => host.name)
      .filter((host) => !known.has(host))
      .map((host) => leftOut(host, 'skipped')),
  ];
}

function wavesJson(plan: Plan, results: readonly HostResult[]): RunJson['waves'] {
  const byHost = new Map(results.map((result) => [result.host, result]));
  return plan.waves.map((hosts, index) => ({
    index,
    state: waveState(hosts.map((host) => byHost.get(host))),
    hosts: [...hosts],
  }));
}

function waveState(
  results: readonly (HostResult | undefined)[],
): RunJson['waves'][number]['state'] {
  const touched = results.filter((result) => result !== undefined && isTouched(result));
  if (results.some((result) => result?.error !== undefined)) return 'failed';
  if (touched.length === 0) return 'not_started';
  if (touched.some((result) => result?.state === 'reverted')) return 'rolled_back';
  return touched.length === results.length ? 'done' : 'incomplete';
}

const isTouched = ({ state }: HostResult): boolean =>
  state === 'skipped' || state === 'unchanged' || STAGE_TRAITS[state].reached === 'switch';

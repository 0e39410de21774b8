import type { ExitCode } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import { blockOf } from '../model/block.js';
import { STAGE_TRAITS } from '../model/host-stage.js';
import type { HostName } from '../model/names.js';
import type { Plan } from '../model/plan.js';
import type { HostResult, RunState } from '../model/run.js';
import type { PlanJson, RunJson, StatusJson } from './json-schema.js';
import type { StatusRow } from './status-table.js';

/** How a run ended, for `--json`. `hosts` is empty where nothing was done. */
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

/** The object that `fleet plan --json` and a dry run print. */
export function planJson(plan: Plan): PlanJson {
  return {
    schemaVersion: 1,
    run: plan.run,
    kind: plan.kind,
    app: plan.app.name,
    group: plan.group,
    operator: plan.operator,
    createdAt: plan.createdAt,
    release: {
      id: plan.release.id,
      version: plan.release.version,
      commit: plan.release.commit,
      digest: plan.release.digest,
    },
    uploadBytes: plan.uploadBytes,
    limits: {
      maxUnavailable: plan.limits.maxUnavailable,
      tolerateWave: [...plan.limits.tolerateWave],
      tolerateRun: plan.limits.tolerateRun,
    },
    onFailure: plan.app.policy.onFailure,
    confirmDeadlineMs: plan.app.policy.confirmDeadlineMs,
    waves: plan.waves.map((hosts, index) => ({ index, hosts: [...hosts] })),
    hosts: plan.hosts.map(({ host, from, found, to, wave, upload, condition, deadMan, guard }) => ({
      host: host.name,
      wave,
      from,
      ...(found === undefined ? {} : { found: { target: found.target, leads: found.leads } }),
      to,
      upload,
      serving: condition.kind === 'serving',
      isNew: condition.kind === 'new',
      deadMan,
      guard,
    })),
    unchanged: [...plan.unchanged],
    out: outOf(plan),
    blocked: blockedJson(plan),
    backTo: plan.backTo,
    skipped: plan.skipped.map(({ host, reason }) => ({ host: host.name, reason })),
  };
}

const outOf = (plan: Plan): PlanJson['out'] =>
  plan.hosts.flatMap(({ host, condition }) =>
    condition.kind === 'out' ? [{ host: host.name, why: condition.why }] : [],
  );

function blockedJson(plan: Plan): PlanJson['blocked'] {
  const blocked = blockOf(plan);
  return blocked && { out: [...blocked.out], needed: blocked.needed };
}

/** The object that `fleet status --json` prints. */
export function statusJson(app: string, group: string, rows: readonly StatusRow[]): StatusJson {
  const hosts = rows.map(({ error, ...row }) => ({
    ...row,
    ...(error === undefined ? {} : { error: failureJson(error) }),
  }));
  return { schemaVersion: 1, app, group, hosts };
}

/** A failure with the fields that scripts may rely on; the journal is for people. */
export function failureJson({ code, message, step, exit, stderr, hint }: HostFailure) {
  return {
    code,
    message,
    ...(step === undefined ? {} : { step }),
    ...(exit === undefined ? {} : { exit }),
    ...(stderr === undefined ? {} : { stderr: [...stderr] }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Every host that was asked for is listed, also those that the run left out. */
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

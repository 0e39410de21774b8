import * as z from 'zod';
import type { HostFailure } from '../errors/host-failure.js';
import { asHostName, asReleaseId, asRunId, type ReleaseId } from '../model/names.js';
import { RUN_KINDS } from '../model/run-kind.js';
import { HOST_RESULT_STATES, type HostResult, RUN_STATES } from '../model/runs/run.js';
import type { ReleaseRecord, RunSummary } from './store.js';
import type { ReleaseRow, RunHostRow, RunRow } from './tables.js';

const runKind = z.enum(RUN_KINDS);
const runState = z.enum(RUN_STATES);
const hostState = z.enum(HOST_RESULT_STATES);
const failure = z.looseObject({ code: z.string(), message: z.string() });

/** A run's row as data; throws if fleet did not write the row. */
export function runOf(row: RunRow): RunSummary {
  return {
    run: asRunId(row.run),
    kind: runKind.parse(row.kind),
    app: row.app,
    group: row.group_name,
    operator: row.operator,
    release: releaseOf(row.release_id, row),
    reason: row.reason,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    state: row.state === null ? null : runState.parse(row.state),
    exitCode: row.exit_code,
    hostCount: row.host_count,
  };
}

/** A host's row as data; throws if fleet did not write the row. */
export function hostOf(row: RunHostRow): HostResult {
  return {
    host: asHostName(row.host),
    state: hostState.parse(row.state),
    wave: row.wave,
    from: releaseIdOf(row.from_release),
    to: releaseIdOf(row.to_release),
    ...(row.error !== null && { error: failureOf(row.error) }),
  };
}

/** A release's row as data. */
export function releaseRecordOf(row: ReleaseRow): ReleaseRecord {
  return {
    ...releaseOf(row.id, row),
    app: row.app,
    run: asRunId(row.run),
    operator: row.operator,
    deployedAt: row.deployed_at,
    succeededAt: row.succeeded_at,
  };
}

function releaseOf(id: string, row: Pick<ReleaseRow, 'version' | 'commit_id' | 'digest'>) {
  return {
    id: asReleaseId(id),
    version: row.version,
    commit: row.commit_id,
    digest: row.digest,
  };
}

function releaseIdOf(text: string | null): ReleaseId | null {
  return text === null ? null : asReleaseId(text);
}

/** A failure that fleet wrote; a later fleet may have codes that this one lacks. */
function failureOf(json: string): HostFailure {
  return failure.parse(JSON.parse(json)) as HostFailure;
}

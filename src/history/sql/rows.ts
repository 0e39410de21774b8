import * as z from 'zod';
import { bastionOf } from '../../model/hosts/operator.js';
import { hostNameSchema, releaseIdSchema, runIdSchema } from '../../model/names.js';
import { RUN_KINDS } from '../../model/run-kind.js';
import { HOST_RESULT_STATES, type HostResult, RUN_STATES } from '../../model/runs/run.js';
import { keptFailure } from '../kept-json.js';
import { type KeptHost, type KeptRun, NO_STAMP } from '../merge.js';
import type { HostsOutcome, ReleaseRecord, RunEvent, RunSummary } from '../store.js';

/** Drivers give large numbers and counts as text. */
const count = z.coerce.number().int();
const number = count.nullable();
const text = z.string();
const hostState = z.enum(HOST_RESULT_STATES);
const identity = z.record(text, text.nullable());

/** A text of JSON, checked against a schema. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  text.transform((value) => schema.parse(JSON.parse(value)));

const release = {
  version: text,
  commit_id: text.nullable(),
  digest: text,
  committed_at: text.nullable(),
};

const runRow = z.object({
  ...release,
  run: runIdSchema(),
  kind: z.enum(RUN_KINDS),
  app: text,
  group_name: text,
  operator: text,
  bastion: text.nullable(),
  person: text.nullable(),
  identity: json(identity).nullable(),
  release_id: releaseIdSchema(),
  reason: text.nullable(),
  started_at: text,
  ended_at: text.nullable(),
  state: z.enum(RUN_STATES).nullable(),
  exit_code: number,
  host_count: count,
});

/** A run's row as data; throws if fleet did not write the row. */
export function runOf(row: unknown): RunSummary {
  const found = runRow.parse(row);
  return {
    run: found.run,
    kind: found.kind,
    app: found.app,
    group: found.group_name,
    operator: found.operator,
    bastion: found.bastion ?? bastionOf(found.operator),
    person: found.person,
    identity: found.identity,
    release: releaseOf(found.release_id, found),
    reason: found.reason,
    startedAt: found.started_at,
    endedAt: found.ended_at,
    state: found.state,
    exitCode: found.exit_code,
    hostCount: found.host_count,
  };
}

const keptRunRow = z.object({
  started_at: text,
  start_stamp: text.nullable(),
  end_stamp: text.nullable(),
});

export function keptRunOf(row: unknown): KeptRun {
  const { started_at: startedAt, start_stamp, end_stamp } = keptRunRow.parse(row);
  return { startedAt, startStamp: start_stamp ?? NO_STAMP, endStamp: end_stamp ?? NO_STAMP };
}

const hostRow = z.object({
  host: hostNameSchema(),
  position: count,
  wave: number,
  from_release: releaseIdSchema().nullable(),
  to_release: releaseIdSchema().nullable(),
  state: hostState,
  updated_at: text,
  error: json(keptFailure).nullable(),
  stamp: text.nullable(),
});

export function keptHostOf(row: unknown): KeptHost {
  const { from_release: from, to_release: to, ...found } = hostRow.parse(row);
  const { host, position, wave, state, error, updated_at: at, stamp } = found;
  return { host, position, wave, from, to, state, error, at, stamp: stamp ?? NO_STAMP };
}

/** A host's row as data; throws if fleet did not write the row. */
export function hostOf(row: unknown): HostResult {
  const { host, state, wave, from, to, error } = keptHostOf(row);
  return { host, state, wave, from, to, ...(error === null ? {} : { error }) };
}

const eventRow = z.object({ at: text, type: text, detail: text });

export const eventOf = (row: unknown): RunEvent => eventRow.parse(row);

const outcomeRow = z.object({
  run: runIdSchema(),
  wave: number,
  state: hostState,
  hosts: count,
  first_at: text,
  last_at: text,
});

/** How many hosts of a run came to a state. */
export function outcomeOf(row: unknown): HostsOutcome & Pick<RunSummary, 'run'> {
  const { first_at: firstAt, last_at: lastAt, ...found } = outcomeRow.parse(row);
  return { ...found, firstAt, lastAt };
}

const releaseRow = z.object({
  ...release,
  app: text,
  id: releaseIdSchema(),
  run: runIdSchema(),
  operator: text,
  deployed_at: text,
  succeeded_at: text.nullable(),
});

/** A release's row as data. */
export function releaseRecordOf(row: unknown): ReleaseRecord {
  const found = releaseRow.parse(row);
  return {
    ...releaseOf(found.id, found),
    app: found.app,
    run: found.run,
    operator: found.operator,
    deployedAt: found.deployed_at,
    succeededAt: found.succeeded_at,
  };
}

function releaseOf(
  id: ReleaseRecord['id'],
  row: Pick<z.infer<typeof releaseRow>, 'version' | 'commit_id' | 'digest' | 'committed_at'>,
) {
  const { version, commit_id: commit, digest, committed_at: committedAt } = row;
  return { id, version, commit, digest, committedAt };
}

const documentRow = z.object({ kind: text, content: text });

export const documentOf = (row: unknown) => documentRow.parse(row);

import * as z from 'zod';
import type { HostFailure } from '../errors/host-failure.js';
import { hostNameSchema, releaseIdSchema, runIdSchema } from '../model/names.js';
import { RUN_KINDS } from '../model/run-kind.js';
import { HOST_RESULT_STATES, RUN_STATES } from '../model/runs/run.js';
import type { KeptHost } from './merge.js';
import type { ReleaseRecord, RunSummary, StampedEvent } from './store.js';

/** The parts of a run as JSON, as stores without tables keep them. A reader ignores fields that it does not know. */

const text = z.string();

const release = z.object({
  id: releaseIdSchema(),
  version: text,
  commit: text.nullable(),
  digest: text,
  committedAt: text.nullable().default(null),
});

const summary = z.object({
  run: runIdSchema(),
  kind: z.enum(RUN_KINDS),
  app: text,
  group: text,
  operator: text,
  bastion: text,
  person: text.nullable(),
  identity: z.record(text, text.nullable()).nullable(),
  release,
  reason: text.nullable(),
  startedAt: text,
  endedAt: text.nullable(),
  state: z.enum(RUN_STATES).nullable(),
  exitCode: z.int().nullable(),
  hostCount: z.int(),
});

/** A later fleet may have codes that this one lacks. */
const failure = z
  .looseObject({ code: text, message: text })
  .transform((found) => found as unknown as HostFailure);

const host = z.object({
  host: hostNameSchema(),
  position: z.int(),
  wave: z.int().nullable(),
  from: releaseIdSchema().nullable(),
  to: releaseIdSchema().nullable(),
  state: z.enum(HOST_RESULT_STATES),
  at: text,
  stamp: text,
  error: failure.nullable(),
});

const releaseRecord = z.object({
  ...release.shape,
  app: text,
  run: runIdSchema(),
  operator: text,
  deployedAt: text,
  succeededAt: text.nullable(),
});

const event = z.object({ at: text, type: text, detail: text, stamp: text });

/** Each throws if fleet did not write the text. */
export const summaryOf = (json: string): RunSummary => summary.parse(JSON.parse(json));
export const keptHostOf = (json: string): KeptHost => host.parse(JSON.parse(json));
export const releaseRecordOf = (json: string): ReleaseRecord =>
  releaseRecord.parse(JSON.parse(json));
export const stampedEventOf = (json: string): StampedEvent => event.parse(JSON.parse(json));

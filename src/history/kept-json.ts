import * as z from 'zod';
import { EXIT } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import { hostNameSchema, releaseIdSchema, runIdSchema } from '../model/names.js';
import { RUN_KINDS } from '../model/run-kind.js';
import { HOST_RESULT_STATES, RUN_STATES } from '../model/runs/run.js';
import type { KeptHost } from './merge.js';
import type { RunWrite } from './run-writes.js';
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
export const keptFailure = z
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
  error: keptFailure.nullable(),
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

const planned = host.pick({ host: true, wave: true, from: true, to: true });

const start = z.object({
  ...summary.omit({ endedAt: true, state: true, exitCode: true, hostCount: true }).shape,
  stamp: text,
  hosts: z.array(planned),
});

const progress = z.object({
  hosts: z.array(host.pick({ host: true, stamp: true, state: true, at: true, error: true })),
  events: z.array(event),
});

const end = z.object({
  stamp: text,
  endedAt: text,
  state: z.enum(RUN_STATES),
  exitCode: z.literal(Object.values(EXIT)),
  hosts: z.array(
    z.object({
      ...planned.shape,
      state: z.enum(HOST_RESULT_STATES),
      error: keptFailure.exactOptional(),
    }),
  ),
});

const write = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), start }),
  z.object({ kind: z.literal('progress'), run: runIdSchema(), progress }),
  z.object({ kind: z.literal('end'), run: runIdSchema(), end }),
]);

/** A line of a log; null for one that a crash has cut, or that no fleet wrote. */
export function writeOf(json: string): RunWrite | null {
  try {
    return write.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** Each throws if fleet did not write the text. */
export const summaryOf = (json: string): RunSummary => summary.parse(JSON.parse(json));
export const keptHostOf = (json: string): KeptHost => host.parse(JSON.parse(json));
export const releaseRecordOf = (json: string): ReleaseRecord =>
  releaseRecord.parse(JSON.parse(json));
export const stampedEventOf = (json: string): StampedEvent => event.parse(JSON.parse(json));

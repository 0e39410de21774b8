import * as z from 'zod';
import { SERVING_BY } from '../model/serving-by.js';
import {
  failure,
  hostResult,
  names,
  release,
  releaseId,
  runKind,
  runState,
  schemaVersion,
  time,
} from './json-parts.js';

export const status = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      reachable: z.boolean(),
      release: releaseId.nullable(),
      commit: z.string().nullable(),
      phase: z.string().nullable(),
      unit: z.strictObject({ active: z.string(), sub: z.string(), mainPid: z.int() }).nullable(),
      serving: releaseId
        .nullable()
        .describe('what the running process runs; null where that cannot be told'),
      servingBy: z
        .enum(SERVING_BY)
        .nullable()
        .describe(
          'how that is known: process (its cwd or exe is in the release), record (it is the process that fleet verified on it), start-time (it was started after `current` was last moved)',
        ),
      linkMoved: z
        .boolean()
        .nullable()
        .describe('`current` is not where fleet left it; null where the host was not read'),
      restartPending: z
        .boolean()
        .nullable()
        .describe('a process was started before `current` was last moved'),
      restarted: z
        .boolean()
        .nullable()
        .describe('a process is another one than fleet verified: by hand, by systemd, by a boot'),
      drift: z.string().nullable().describe('what is not as it should be'),
      error: failure.optional(),
    }),
  ),
});

export const releases = z.strictObject({
  schemaVersion,
  app: z.string(),
  group: z.string(),
  releases: z.array(
    z.strictObject({
      id: releaseId,
      commit: z.string().nullable(),
      deployedAt: time.nullable(),
      deployer: z.string().nullable(),
      current: names.describe('hosts whose `current` names it'),
      healthy: names,
      staged: names,
      bad: names,
      rollback: z.discriminatedUnion('possible', [
        z.strictObject({ possible: z.literal(true) }),
        z.strictObject({ possible: z.literal(false), reason: z.string() }),
      ]),
    }),
  ),
});

/** A run of the history. Its end is null while it goes on, and where its controller died. */
const runSummary = z.strictObject({
  run: z.string(),
  kind: runKind,
  app: z.string(),
  group: z.string(),
  operator: z.string(),
  release,
  startedAt: time,
  endedAt: time.nullable(),
  state: runState.nullable(),
  exitCode: z.int().nullable(),
  hostCount: z.int(),
});

/** A failure as the run wrote it down: another fleet's codes and evidence may be among it. */
const recordedFailure = z.looseObject({
  ...failure.shape,
  code: z.string(),
  journal: names.optional().describe('last lines of the journal of the unit'),
  hint: z.string().optional(),
});

export const history = z.strictObject({ schemaVersion, runs: z.array(runSummary) });

export const show = z.strictObject({
  schemaVersion,
  ...runSummary.shape,
  hosts: z.array(z.strictObject({ ...hostResult.shape, error: recordedFailure.optional() })),
  events: z.array(
    z.strictObject({ at: time, type: z.string(), detail: z.string().describe('for a person') }),
  ),
});

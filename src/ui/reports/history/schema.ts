import * as z from 'zod';
import {
  failure,
  hostResult,
  names,
  reason,
  release,
  runKind,
  runState,
  schemaVersion,
  time,
} from '../../json/parts.js';

/** A run of the history. Its end is null while it runs, and if its controller died. */
const runSummary = z.strictObject({
  run: z.string(),
  kind: runKind,
  app: z.string(),
  group: z.string(),
  operator: z.string(),
  release,
  reason,
  startedAt: time,
  endedAt: time.nullable(),
  state: runState.nullable(),
  exitCode: z.int().nullable(),
  hostCount: z.int(),
});

/** A failure as the run recorded it. It may have codes and fields of another fleet version. */
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
    z.strictObject({ at: time, type: z.string(), detail: z.string().describe('text for people') }),
  ),
});

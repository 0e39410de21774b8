import * as z from 'zod';
import {
  hostResult,
  names,
  reason,
  releaseId,
  runKind,
  runState,
  schemaVersion,
  time,
} from '../../json/parts.js';

/** What `deploy` and `rollback` print. */
export const run = z.strictObject({
  schemaVersion,
  run: z.string(),
  kind: runKind,
  app: z.string(),
  group: z.string(),
  state: runState,
  exitCode: z.int(),
  release: releaseId,
  reason,
  startedAt: time,
  endedAt: time,
  waves: z.array(
    z.strictObject({
      index: z.int().describe('from 0; the first is the canary'),
      state: z.enum(['not_started', 'done', 'incomplete', 'failed', 'rolled_back']),
      hosts: names,
    }),
  ),
  hosts: z.array(hostResult),
});

export type RunJson = z.infer<typeof run>;

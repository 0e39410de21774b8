import * as z from 'zod';
import { FAILURE_POLICIES } from '../model/policy.js';
import {
  deadMan,
  hostResult,
  names,
  release,
  releaseId,
  runKind,
  runState,
  schemaVersion,
  time,
} from './json-parts.js';

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

/** What `plan` and a dry run print. */
export const plan = z.strictObject({
  schemaVersion,
  run: z.string(),
  kind: runKind,
  app: z.string(),
  group: z.string(),
  operator: z.string(),
  createdAt: time,
  release,
  uploadBytes: z.int(),
  limits: z.strictObject({
    maxUnavailable: z.int(),
    tolerateWave: z.array(z.int()),
    tolerateRun: z.int(),
  }),
  onFailure: z.enum(FAILURE_POLICIES),
  confirmDeadlineMs: z.int().describe('until a host that is not confirmed takes itself back'),
  waves: z.array(z.strictObject({ index: z.int(), hosts: names })),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      wave: z.int(),
      from: releaseId.nullable(),
      found: z
        .strictObject({
          target: z.string().describe('what the link says'),
          leads: z
            .enum(['somewhere', 'nowhere', 'unknown'])
            .describe('nowhere: there is nothing to go back to'),
        })
        .optional()
        .describe('what `current` is, where fleet did not make it'),
      to: releaseId,
      upload: z.boolean(),
      serving: z.boolean().describe('whether it is in service, so that switching it costs budget'),
      isNew: z.boolean().describe('whether it never served, so that it is not counted as out'),
      deadMan,
      guard: z.boolean().describe('whether a unit takes it back at boot'),
    }),
  ),
  unchanged: names,
  out: z
    .array(z.strictObject({ host: z.string(), why: z.string() }))
    .describe('hosts of the waves that are out of service before the run; they go first'),
  blocked: z
    .strictObject({
      out: names.describe('hosts that are out of service and stay so'),
      needed: z.int().describe('the least max_unavailable with which the run can proceed'),
    })
    .nullable()
    .describe('what keeps the run from proceeding; null where nothing does'),
  backTo: releaseId.nullable().describe('where a rollback goes after this run; null for nowhere'),
  skipped: z.array(z.strictObject({ host: z.string(), reason: z.string() })),
});

export const recover = z.strictObject({
  schemaVersion,
  app: z.string().nullable().describe('null where nothing was to be recovered'),
  group: z.string().nullable(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      state: z.enum(['released', 'reverted', 'down', 'unknown', 'locked']),
      run: z.string().nullable().describe('the run that had left it undecided'),
      current: releaseId.nullable(),
      detail: z.string().describe('for a person'),
    }),
  ),
});

export const exec = z.strictObject({
  schemaVersion,
  command: z.string(),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      exit: z.int().nullable().describe('null where the command did not end by itself'),
      stdout: z.string(),
      stderr: z.string(),
      truncated: z.boolean().describe('true where it printed more than is kept of it'),
      error: z.string().nullable().describe('why there is no exit code'),
    }),
  ),
});

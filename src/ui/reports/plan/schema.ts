import * as z from 'zod';
import { FAILURE_POLICIES } from '../../../model/runs/policy.js';
import {
  deadMan,
  names,
  release,
  releaseId,
  runKind,
  schemaVersion,
  time,
} from '../../json/parts.js';

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

export type PlanJson = z.infer<typeof plan>;

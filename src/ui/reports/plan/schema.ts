import * as z from 'zod';
import { HOOK_FAILURES, HOOK_POINTS, HOOK_TURNS } from '../../../model/runs/hooks/hooks.js';
import { FAILURE_POLICIES } from '../../../model/runs/policy.js';
import {
  deadMan,
  names,
  reason,
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
  reason,
  release,
  uploadBytes: z.int().describe('size of the packed release; 0 if no host needs the whole of it'),
  contentBytes: z.int().optional().describe('what its files hold; absent if nothing is sent'),
  limits: z.strictObject({
    maxUnavailable: z.int(),
    tolerateWave: z.array(z.int()),
    tolerateRun: z.int(),
  }),
  onFailure: z.enum(FAILURE_POLICIES),
  confirmDeadlineMs: z
    .int()
    .describe('a host that is not confirmed within this time rolls back automatically'),
  waves: z.array(z.strictObject({ index: z.int(), hosts: names })),
  hosts: z.array(
    z.strictObject({
      host: z.string(),
      wave: z.int(),
      from: releaseId.nullable(),
      found: z
        .strictObject({
          target: z.string().describe('the text of the link'),
          leads: z
            .enum(['somewhere', 'nowhere', 'unknown'])
            .describe('nowhere: fleet cannot roll back'),
        })
        .optional()
        .describe('what `current` is, if fleet did not make it'),
      to: releaseId,
      upload: z.boolean(),
      delta: z
        .strictObject({ base: releaseId, bytes: z.int() })
        .optional()
        .describe('what is sent if it is made from another release of the host'),
      serving: z
        .boolean()
        .describe('whether it is in service; its update then counts against max_unavailable'),
      isNew: z
        .boolean()
        .describe('whether it never served; it is then not counted as out of service'),
      deadMan,
      guard: z.boolean().describe('whether a boot guard is installed'),
    }),
  ),
  unchanged: names,
  out: z
    .array(z.strictObject({ host: z.string(), why: z.string() }))
    .describe('hosts of the waves that are out of service before the run; they are updated first'),
  blocked: z
    .strictObject({
      out: names.describe('hosts that are out of service and stay so'),
      needed: z.int().describe('the lowest max_unavailable with which the run can proceed'),
    })
    .nullable()
    .describe('what blocks the run; null if nothing does'),
  hooks: z
    .array(
      z.strictObject({
        name: z.string(),
        point: z.enum(HOOK_POINTS),
        per: z.enum(HOOK_TURNS),
        where: z.enum(['host', 'bastion']),
        on: z
          .string()
          .nullable()
          .describe('the first host that it runs on, for one of a wave or the run'),
        times: z.int().describe('how often it may run'),
        ifFails: z.enum(HOOK_FAILURES),
        timeoutMs: z.int(),
      }),
    )
    .describe('the hooks of the run; a plan runs none of them'),
  backTo: releaseId
    .nullable()
    .describe('the release that a rollback after this run goes to; null if it cannot roll back'),
  backup: z
    .strictObject({
      paths: names,
      command: z.string().nullable(),
      keep: z.int(),
      hosts: names.describe('hosts that take one'),
    })
    .nullable()
    .describe('what is kept on each host before it is activated'),
  restores: z
    .array(
      z.strictObject({
        host: z.string(),
        backup: z.string(),
        run: z.string(),
        at: time,
        bytes: z.int(),
        paths: names,
      }),
    )
    .describe('backups that are restored before the activation'),
  skipped: z.array(z.strictObject({ host: z.string(), reason: z.string() })),
  unitFiles: z
    .array(
      z.strictObject({
        name: z.string(),
        hosts: names,
        text: z.string().describe('what is installed with the release'),
        before: z.string().nullable().describe('what is installed now; null if nothing is'),
        byHand: z
          .boolean()
          .describe('what is installed now is not what the current release has brought'),
      }),
    )
    .describe(
      'unit files of the release, by what they replace; for a rollback those that hosts keep of it',
    ),
  file: z
    .strictObject({ path: z.string(), digest: z.string() })
    .optional()
    .describe('where --out has written the plan'),
});

export type PlanJson = z.infer<typeof plan>;

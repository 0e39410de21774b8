import * as z from 'zod';
import { personSchema } from '../hosts/person.js';
import { hostNameSchema, releaseIdSchema, runIdSchema } from '../names.js';
import { releaseSchema } from '../releases/release.js';
import { RUN_KINDS } from '../run-kind.js';
import type { Shape } from '../text/shape.js';
import { planApprovalSchema } from './approval.js';
import { limitsSchema, madeFromSchema, type Plan } from './plan.js';

/**
 * What readers of a run's events need of its plan. It has no address, user, ssh setting, `vars`, probe
 * or source: events are printed and kept. A host takes about 120 bytes of JSON.
 */
export const planViewSchema = () =>
  z.object({
    run: runIdSchema(),
    kind: z.enum(RUN_KINDS),
    /** The app's name. */
    app: z.string(),
    /** Present if fleet.yaml has other apps too. */
    several: z.literal(true).optional(),
    group: z.string().describe('what was typed after -g, joined by commas'),
    release: releaseSchema(),
    operator: z.string().describe('user@bastion'),
    person: personSchema().optional().describe('who that is; absent from older records'),
    createdAt: z.string().describe('RFC 3339, UTC'),
    reason: z
      .string()
      .nullable()
      .default(null)
      .describe('why, as --reason says; null if not given'),
    madeFrom: madeFromSchema()
      .nullable()
      .default(null)
      .describe('the plan file that is applied; null if the plan was made for this run'),
    approval: planApprovalSchema()
      .optional()
      .describe('by whom the run was approved, or why not; absent if it needed no approval'),
    hosts: z
      .array(
        z.object({
          host: hostNameSchema(),
          wave: z.int().nonnegative().describe('from 0; the first is the canary'),
          from: releaseIdSchema().nullable().describe('null for a host without a release'),
          to: releaseIdSchema(),
        }),
      )
      .describe('in plan order: wave by wave'),
    /** How many waves there are; a wave of a resumed run may have no host left. */
    waves: z.int().describe('how many waves there are'),
    approvals: z.array(z.int()).describe('waves that begin only when a person has agreed'),
    uploads: z.int().describe('hosts to which the release must be sent'),
    skipped: z.array(z.object({ host: hostNameSchema(), reason: z.string() })),
    unchanged: z.array(hostNameSchema()).describe('hosts on the release already'),
    backTo: releaseIdSchema()
      .nullable()
      .describe('where a rollback goes after this run; null for nowhere'),
    limits: limitsSchema(),
  });

export type PlanView = Shape<typeof planViewSchema>;

/** Names each part, so that what is added to a plan is in no event before it is put here. */
export function planView(plan: Plan): PlanView {
  const { run, kind, group, operator, person, createdAt, reason, madeFrom } = plan;
  const { approval, approvals, unchanged, backTo, limits } = plan;
  const { id, version, commit, digest, committedAt } = plan.release;
  return {
    run,
    kind,
    app: plan.app.name,
    ...(plan.app.several === true ? { several: true } : {}),
    group,
    release: {
      ...{ id, version, commit, digest },
      ...(committedAt === undefined ? {} : { committedAt }),
    },
    operator,
    ...(person === undefined ? {} : { person }),
    createdAt,
    reason,
    madeFrom,
    ...(approval === undefined ? {} : { approval }),
    hosts: plan.hosts.map(({ host, wave, from, to }) => ({ host: host.name, wave, from, to })),
    waves: plan.waves.length,
    approvals,
    uploads: plan.hosts.filter(({ upload }) => upload).length,
    skipped: plan.skipped.map(({ host, reason }) => ({ host: host.name, reason })),
    unchanged,
    backTo,
    limits,
  };
}

import * as z from 'zod';
import { personSchema } from '../hosts/person.js';
import { runIdSchema } from '../names.js';
import { RUN_KINDS, type RunKind } from '../run-kind.js';
import type { Shape } from '../text/shape.js';

/** Which runs of an app need the approval of a second person. */
export const approvalRuleSchema = () =>
  z.object({
    /** Of a host of the run, also through other groups; null for every run. */
    groups: z.array(z.string()).nullable(),
    kinds: z.array(z.enum(RUN_KINDS)),
    /** From the request to the start of the run. */
    expiresMs: z.number(),
    /** Whether a person may go on alone, and say why. */
    emergency: z.boolean(),
    /** An absolute path on this bastion; null for the state folder, and in plan files. */
    dir: z.string().nullable(),
  });

export type ApprovalRule = Shape<typeof approvalRuleSchema>;

/** How a run that needs an approval came to start: given by a person, or without one in an emergency. */
export const planApprovalSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('given'),
      by: z.string(),
      person: personSchema(),
      at: z.string(),
      reason: z.string().nullable(),
      askedBy: z.string(),
      askedAt: z.string(),
      digest: z.string().describe('of the plan that was approved'),
    }),
    z.object({ kind: z.literal('without'), by: z.string(), reason: z.string() }),
  ]);

export type PlanApproval = Shape<typeof planApprovalSchema>;

/** A plan that waits for a second person. */
export const approvalRequestSchema = () =>
  z.object({
    schemaVersion: z.literal(1),
    run: runIdSchema(),
    /** Of the plan file that is kept beside it. */
    digest: z.string(),
    kind: z.enum(RUN_KINDS),
    app: z.string(),
    group: z.string(),
    release: z.string(),
    by: z.string(),
    person: personSchema(),
    at: z.string(),
    expiresAt: z.string(),
    reason: z.string().nullable(),
  });

export type ApprovalRequest = Shape<typeof approvalRequestSchema>;

export const approvalAnswerSchema = () =>
  z.object({
    schemaVersion: z.literal(1),
    run: runIdSchema(),
    digest: z.string(),
    decision: z.enum(['approved', 'denied']),
    by: z.string(),
    person: personSchema(),
    at: z.string(),
    reason: z.string().nullable(),
  });

export type ApprovalAnswer = Shape<typeof approvalAnswerSchema>;

/** An approval is used once. */
export const approvalUseSchema = () =>
  z.object({ schemaVersion: z.literal(1), run: runIdSchema(), by: z.string(), at: z.string() });

export type ApprovalUse = Shape<typeof approvalUseSchema>;

/** Whether a run on these hosts needs an approval. */
export function needsApproval(
  rule: ApprovalRule | undefined,
  run: {
    readonly kind: RunKind;
    readonly hosts: readonly { readonly groups: readonly string[] }[];
  },
): rule is ApprovalRule {
  if (rule === undefined || !rule.kinds.includes(run.kind)) return false;
  return isInOneOf(rule.groups, run.hosts);
}

/** Whether a host is in one of these groups; null means every host. */
export function isInOneOf(
  groups: readonly string[] | null,
  hosts: readonly { readonly groups: readonly string[] }[],
): boolean {
  if (groups === null) return true;
  return hosts.some((host) => host.groups.some((group) => groups.includes(group)));
}

import * as z from 'zod';
import { appSchema } from './app.js';
import { hostConditionSchema } from './condition.js';
import { DEAD_MAN_TIERS } from './dead-man.js';
import { earlierSchema } from './earlier.js';
import { hostSchema } from './host.js';
import { hostNameSchema, isReleaseId, type RunId, releaseIdSchema, runIdSchema } from './names.js';
import { releaseMetaSchema } from './release.js';
import { RUN_KINDS } from './run-kind.js';
import type { Shape } from './shape.js';

/**
 * The version of a plan that is stored or sent, beside it. What is added to a plan does not change it;
 * see docs/contracts.md. Version 1 had none.
 */
export const PLAN_VERSION = 2;

/** A `current` that fleet did not make: the text of its link in one safe line, and where that leads. */
const foundLinkSchema = () =>
  z.object({
    target: z.string(),
    /** `unknown` where the login user may not look. */
    leads: z.enum(['somewhere', 'nowhere', 'unknown']),
  });

export type FoundLink = Shape<typeof foundLinkSchema>;

/** What one host will go through. */
const hostPlanSchema = () =>
  z.object({
    host: hostSchema(),
    machineId: z.string(),
    /**
     * Fences older runs on this host: one more than the epoch that the host had. Each host counts for
     * itself, so that what one says of its epoch is no other host's.
     */
    epoch: z.int().nonnegative(),
    /** The name of its transaction, unique on this host: its epoch only grows. */
    txn: z.string().refine(isReleaseId, 'not a transaction'),
    /** The release that serves now, and to which the host is taken back; null on a first deploy. */
    from: releaseIdSchema().nullable(),
    /** What `current` is there, where fleet did not make it. */
    found: foundLinkSchema().optional(),
    to: releaseIdSchema(),
    /** True where the release must be sent; false where it is there with the right digest. */
    upload: z.boolean(),
    /** What it was to the service before the run: only of a serving host does a switch cost budget. */
    condition: hostConditionSchema(),
    /** What it ran before `from`, by its own records; the host keeps it, for a rollback. */
    earlier: earlierSchema(),
    /** How its dead-man's switch waits. */
    deadMan: z.enum([...DEAD_MAN_TIERS, 'off']),
    /** Whether a unit takes it back at boot, should it go down in the middle. */
    guard: z.boolean(),
    /** Releases beyond `keep`, deleted there after the run succeeded; the host guards what is in use. */
    prune: z.array(releaseIdSchema()),
    /** Wave index, from 0. */
    wave: z.int().nonnegative(),
    /** True where an earlier controller of this run has confirmed it already; it is only probed. */
    done: z.boolean(),
  });

export type HostPlan = Shape<typeof hostPlanSchema>;

/** A host left out of the run, and why. */
const skippedHostSchema = () => z.object({ host: hostSchema(), reason: z.string() });

export type SkippedHost = Shape<typeof skippedHostSchema>;

/** The policy's sizes, worked out for all hosts of the selection. */
export const limitsSchema = () =>
  z.object({
    maxUnavailable: z.number(),
    tolerateWave: z.array(z.number()),
    tolerateRun: z.number(),
  });

/** The frozen intent of a run. Nothing in it changes after it was shown. */
export const planSchema = () =>
  z.object({
    run: runIdSchema(),
    kind: z.enum(RUN_KINDS),
    app: appSchema(),
    /** What the person typed after `-g`, joined by commas. */
    group: z.string(),
    /** What is deployed or gone back to, with who first deployed it and when. */
    release: releaseMetaSchema(),
    /** `user@bastion` of the person. */
    operator: z.string(),
    createdAt: z.string(),
    /** In plan order: wave by wave, inventory order within. */
    hosts: z.array(hostPlanSchema()),
    waves: z.array(z.array(hostNameSchema())),
    /** Waves, from 0, that begin only when a person has agreed. */
    approvals: z.array(z.int()),
    skipped: z.array(skippedHostSchema()),
    /** Hosts that are idle on `to` with the unit healthy already; nothing is done there. */
    unchanged: z.array(hostNameSchema()),
    /**
     * Where `fleet rollback` goes once this run has succeeded, found as that command finds it; null
     * where it would refuse.
     */
    backTo: releaseIdSchema().nullable(),
    /** Upload size of the packed release in bytes; 0 where nothing is sent. */
    uploadBytes: z.number(),
    limits: limitsSchema(),
  });

export type Plan = Shape<typeof planSchema>;

/** All hosts that the selection has: to be worked on, up to date already, or skipped. */
export function sizeOfSelection({ hosts, unchanged, skipped }: Plan): number {
  return hosts.length + unchanged.length + skipped.length;
}

/** The transaction of the host at that place of the plan, counted from 0. */
export function txnOf(run: RunId, epoch: number, index: number): string {
  return `${run}.${epoch}.${index}`;
}

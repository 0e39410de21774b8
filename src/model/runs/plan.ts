import * as z from 'zod';
import { hostConditionSchema } from '../hosts/condition.js';
import { hostSchema } from '../hosts/host.js';
import { personSchema } from '../hosts/person.js';
import { hostNameSchema, isReleaseId, type RunId, releaseIdSchema, runIdSchema } from '../names.js';
import { plannedRestoreSchema } from '../releases/backup.js';
import { earlierSchema } from '../releases/choose/earlier.js';
import { DRIFT_CHECKS } from '../releases/drift.js';
import { releaseMetaSchema } from '../releases/release.js';
import { unitFileSchema } from '../releases/unit-file.js';
import { RUN_KINDS } from '../run-kind.js';
import type { Shape } from '../text/shape.js';
import { appSchema } from './app.js';
import { planApprovalSchema } from './approval.js';
import { DEAD_MAN_TIERS } from './dead-man.js';
import { hookBegunSchema } from './hooks/hook-begun.js';

/**
 * The version of a plan that is stored or sent, beside it. What is added to a plan does not change it;
 * see docs/contracts.md. Version 1 had none. Version 2 had no hooks and no backups: a fleet that reads
 * only that would continue a run without them.
 */
export const PLAN_VERSION = 3;

/** A `current` that fleet did not make: the text of its link in one safe line, and where that leads. */
const foundLinkSchema = () =>
  z.object({
    target: z.string(),
    /** `unknown` if the login user may not look. */
    leads: z.enum(['somewhere', 'nowhere', 'unknown']),
  });

export type FoundLink = Shape<typeof foundLinkSchema>;

/** The part of a release that a host lacks that has another one. */
const deltaSchema = () =>
  z.object({
    base: releaseIdSchema(),
    /** The base's content. */
    digest: z.string(),
    /** Upload size in bytes. */
    bytes: z.int(),
  });

export type Delta = Shape<typeof deltaSchema>;

/** What the run will do with one host. */
const hostPlanSchema = () =>
  z.object({
    host: hostSchema(),
    machineId: z.string(),
    /**
     * Fences older runs on this host: one more than the host's last epoch. Each host counts for
     * itself, so that its word does not affect other hosts.
     */
    epoch: z.int().nonnegative(),
    /** The name of its transaction, unique on this host: its epoch only grows. */
    txn: z.string().refine(isReleaseId, 'not a transaction'),
    /**
     * The release that is current now, to which the host is rolled back; null on a first deploy.
     */
    from: releaseIdSchema().nullable(),
    /** What `current` is there, if fleet did not make it. */
    found: foundLinkSchema().optional(),
    to: releaseIdSchema(),
    /** True if the release must be sent; false if it is there with the right digest. */
    upload: z.boolean(),
    /** What is sent to make the release from another one of the host; absent if the whole is sent, or nothing. */
    delta: deltaSchema().optional(),
    /** Its condition before the run: only on a serving host an activation costs budget. */
    condition: hostConditionSchema(),
    /** What it ran before `from`, by its own records; the host keeps it, for a rollback. */
    earlier: earlierSchema(),
    /** How its dead-man timer waits. */
    deadMan: z.enum([...DEAD_MAN_TIERS, 'off']),
    /** The backup that it restores before its link moves. */
    restore: plannedRestoreSchema().optional(),
    /** Whether a boot guard rolls it back if it goes down during activation. */
    guard: z.boolean(),
    /**
     * Releases beyond `keep`, deleted there after the run succeeded; the host keeps those in use.
     */
    prune: z.array(releaseIdSchema()),
    /** Wave index, from 0. */
    wave: z.int().nonnegative(),
    /** True if an earlier controller of this run has confirmed it already; it is only probed. */
    done: z.boolean(),
  });

export type HostPlan = Shape<typeof hostPlanSchema>;

/** A host left out of the run, and why. */
const skippedHostSchema = () => z.object({ host: hostSchema(), reason: z.string() });

export type SkippedHost = Shape<typeof skippedHostSchema>;

/** The policy's sizes, calculated for all hosts of the selection. */
export const limitsSchema = () =>
  z.object({
    maxUnavailable: z.number(),
    tolerateWave: z.array(z.number()),
    tolerateRun: z.number(),
  });

export const madeFromSchema = () =>
  z.object({ by: z.string(), at: z.string(), digest: z.string() });

/** The fixed intent of a run. Nothing in it changes after it was shown. */
export const planSchema = () =>
  z.object({
    run: runIdSchema(),
    kind: z.enum(RUN_KINDS),
    app: appSchema(),
    /** What the operator typed after `-g`, joined by commas. */
    group: z.string(),
    /** The release of the deploy or rollback, with who first deployed it and when. */
    release: releaseMetaSchema(),
    /** `user@bastion` of the operator. */
    operator: z.string(),
    /** Who that is; absent from older plans, and from plan files. */
    person: personSchema().optional(),
    createdAt: z.string(),
    /** Why, in the words of the operator: one line without control characters; null if not given. */
    reason: z.string().nullable().default(null),
    /** The plan file that is applied: who made it, and when; null if the plan was made for this run. */
    madeFrom: madeFromSchema().nullable().default(null),
    /** By whom it was approved, or why not; absent if it needs no approval. */
    approval: planApprovalSchema().optional(),
    /** In plan order: wave by wave, inventory order within. */
    hosts: z.array(hostPlanSchema()),
    waves: z.array(z.array(hostNameSchema())),
    /** Waves, from 0, that begin only after an approval. */
    approvals: z.array(z.int()),
    skipped: z.array(skippedHostSchema()),
    /** Hosts on `to` that are idle and healthy already; nothing is done there. */
    unchanged: z.array(hostNameSchema()),
    /**
     * The target of `fleet rollback` once this run has succeeded, found as that command finds it;
     * null if it would refuse.
     */
    backTo: releaseIdSchema().nullable(),
    /** Upload size of the packed release in bytes; 0 if no host needs the whole of it. */
    uploadBytes: z.number(),
    /** What all files of the release hold, in bytes; absent if nothing is sent. */
    contentBytes: z.number().optional(),
    limits: limitsSchema(),
    /** The unit files that the release brings, each with its hosts; left out if the app has none. */
    unitFiles: z.array(unitFileSchema()).optional(),
    /** Hooks of a wave or of the run that an earlier controller of this run has begun. */
    hooksBegun: z.array(hookBegunSchema()).default([]),
    /**
     * How a host compares a release that it has already with its manifest, before it activates it;
     * absent if it does not.
     */
    check: z.enum(DRIFT_CHECKS).optional(),
  });

export type Plan = Shape<typeof planSchema>;

/** All hosts of the selection: to be updated, up to date already, or skipped. */
export function sizeOfSelection({ hosts, unchanged, skipped }: Plan): number {
  return hosts.length + unchanged.length + skipped.length;
}

/** The transaction of the host at that place of the plan, counted from 0. */
export function txnOf(run: RunId, epoch: number, index: number): string {
  return `${run}.${epoch}.${index}`;
}

import * as z from 'zod';
import { asRunId, releaseIdSchema, runIdSchema } from '../names.js';
import type { Shape } from '../text/shape.js';

/**
 * What is known of one release; its `digest` is that of its manifest, so it identifies the
 * content.
 */
export const releaseSchema = () =>
  z.object({
    id: releaseIdSchema(),
    /** The version for people: the tag or the id. */
    version: z.string(),
    /** Full commit, if the source had one. */
    commit: z.string().nullable(),
    /** `sha256:<hex>` over the manifest: every path, mode, link and content. */
    digest: z.string(),
    /** When that commit was made, RFC 3339 in UTC; null or absent without a commit, and from older fleets. */
    committedAt: z.string().nullable().optional(),
  });

export type Release = Shape<typeof releaseSchema>;

/** The marker a host keeps of a release; travels as JSON and is checked against a schema. */
export const releaseMetaSchema = () =>
  releaseSchema().extend({
    app: z.string(),
    run: runIdSchema(),
    /** `user@bastion`, any text. */
    deployer: z.string(),
    /** RFC 3339, UTC. */
    deployedAt: z.string(),
    /** Of its files together, unpacked; absent if an older fleet brought it. */
    bytes: z.number().optional(),
  });

export type ReleaseMeta = Shape<typeof releaseMetaSchema>;

/** The run that the host program records for a release of another tool. */
export const BEFORE_FLEET = asRunId('before-fleet');

/** Whether another tool made it, so that its digest identifies no content and fleet writes nothing into it. */
export const isForeign = ({ run }: Pick<ReleaseMeta, 'run'>): boolean => run === BEFORE_FLEET;

/** Whether `fleet adopt` has recorded it: what the host program records itself names no app. */
export const isAdopted = (meta: Pick<ReleaseMeta, 'run' | 'app'>): boolean =>
  isForeign(meta) && meta.app !== '';

/** The host's record has no time for what another tool made, unless that was adopted and its tool kept one. */
export const hasDeployTime = (meta: Pick<ReleaseMeta, 'run' | 'deployedAt'>): boolean =>
  !isForeign(meta) || Date.parse(meta.deployedAt) > LATEST_UNKNOWN_MS;

/** Releases without a time get the first seconds of 1970, in their order. */
const LATEST_UNKNOWN_MS = 86_400_000;

export const RELEASE_STANDINGS = ['staged', 'healthy', 'bad'] as const;

/** `staged`: complete, never seen healthy. `healthy`: confirmed once. `bad`: was rolled back. */
export type ReleaseStanding = (typeof RELEASE_STANDINGS)[number];

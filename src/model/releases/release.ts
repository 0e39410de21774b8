import * as z from 'zod';
import { releaseIdSchema, runIdSchema } from '../names.js';
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
const BEFORE_FLEET = 'before-fleet';

/** Whether another tool made it, so that its digest identifies no content and fleet writes nothing into it. */
export const isForeign = ({ run }: Pick<ReleaseMeta, 'run'>): boolean => run === BEFORE_FLEET;

export const RELEASE_STANDINGS = ['staged', 'healthy', 'bad'] as const;

/** `staged`: complete, never seen healthy. `healthy`: confirmed once. `bad`: was rolled back. */
export type ReleaseStanding = (typeof RELEASE_STANDINGS)[number];

import type { ReleaseId, RunId } from './names.js';

/** What is known of one release; its `digest` is that of its manifest, so it identifies the content. */
export interface Release {
  readonly id: ReleaseId;
  /** The version for people: the tag or the id. */
  readonly version: string;
  /** Full commit, if the source had one. */
  readonly commit: string | null;
  /** `sha256:<hex>` over the manifest: every path, mode, link and content. */
  readonly digest: string;
}

/** The marker a host keeps of a release; travels as JSON and is checked against a schema. */
export interface ReleaseMeta extends Release {
  readonly app: string;
  readonly run: RunId;
  /** `user@bastion`, any text. */
  readonly deployer: string;
  /** RFC 3339, UTC. */
  readonly deployedAt: string;
}

/** The run that the host program records for a release of another tool. */
const BEFORE_FLEET = 'before-fleet';

/** Whether another tool made it, so that its digest identifies no content and fleet writes nothing into it. */
export const isForeign = ({ run }: Pick<ReleaseMeta, 'run'>): boolean => run === BEFORE_FLEET;

export const RELEASE_STANDINGS = ['staged', 'healthy', 'bad'] as const;

/** `staged`: complete, never seen healthy. `healthy`: confirmed once. `bad`: was rolled back. */
export type ReleaseStanding = (typeof RELEASE_STANDINGS)[number];

import type { ReleaseId, RunId } from './names.js';

/** What is known of one release; its `digest` is that of its manifest, so it names the content. */
export interface Release {
  readonly id: ReleaseId;
  /** Human version: the tag or the id. */
  readonly version: string;
  /** Full commit, where the source knew one. */
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

/** The run that the host program writes down for what another tool made before fleet came. */
const BEFORE_FLEET = 'before-fleet';

/** Whether another tool made it, so that its digest names no content and fleet writes nothing into it. */
export const isForeign = ({ run }: Pick<ReleaseMeta, 'run'>): boolean => run === BEFORE_FLEET;

export const RELEASE_STANDINGS = ['staged', 'healthy', 'bad'] as const;

/** `staged`: complete, never seen healthy. `healthy`: confirmed once. `bad`: was taken back. */
export type ReleaseStanding = (typeof RELEASE_STANDINGS)[number];

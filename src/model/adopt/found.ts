import type { ReleaseId } from '../names.js';

/**
 * What a host sends of each tool's records: Capistrano's `revisions.log`; Deployer's `.dep/releases_log`, before
 * version 7 `.dep/releases`; the release that Deployer's link `release` names; the lock of a deploy that is going on;
 * and folders in the root that tell the tools apart.
 */
export const RECORD_KINDS = [
  'revisions',
  'releases_log',
  'releases',
  'pending',
  'lock',
  'folder',
] as const;

export type RecordKind = (typeof RECORD_KINDS)[number];

export const SHARE_KINDS = ['folder', 'file', 'absent'] as const;

/** A folder in releases/. */
export interface FoundFolder {
  /** Its name, if that may be the id of a release; else one that the host derives from it. */
  readonly id: ReleaseId;
  /** Its name in one safe line. */
  readonly name: string;
  /** The first line of its REVISION or .mina_git_revision; null without one. */
  readonly revision: string | null;
  /** Deployer's marks: rolled back from, changed by hand. */
  readonly bad: boolean;
  readonly dirty: boolean;
  readonly empty: boolean;
  /** fleet has its manifest. */
  readonly listed: boolean;
  /** `current` leads there. */
  readonly current: boolean;
  /** When its REVISION, else the folder, was changed last: Unix seconds. */
  readonly modified: number | null;
}

export interface FoundRecord {
  readonly of: RecordKind;
  readonly line: string;
}

/** A link in the current release that leads to `target` below shared/. */
export interface FoundShare {
  readonly path: string;
  readonly target: string;
  readonly kind: (typeof SHARE_KINDS)[number];
}

/** What other tools left on one host. */
export interface Found {
  readonly folders: readonly FoundFolder[];
  /** In the order of each file. */
  readonly records: readonly FoundRecord[];
  readonly shares: readonly FoundShare[];
}

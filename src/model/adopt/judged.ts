import type { ReleaseId } from '../names.js';
import type { ReleaseStanding } from '../releases/release.js';
import type { Tool } from './tool.js';

/** A release that another tool made, as fleet records it. */
export interface Adoptable {
  readonly kind: 'release';
  readonly id: ReleaseId;
  readonly name: string;
  readonly commit: string | null;
  /** RFC 3339, in the order of the tool's deploys, also where the time itself is not known. */
  readonly deployedAt: string;
  readonly isTimeKnown: boolean;
  /** Who deployed it, by its tool's log. */
  readonly by: string | null;
  readonly standing: ReleaseStanding;
  readonly current: boolean;
}

/** A folder that stays as it is, and is no release for fleet. */
export interface LeftAlone {
  readonly kind: 'left';
  readonly id: ReleaseId;
  readonly name: string;
  readonly why: string;
}

export type JudgedFolder = Adoptable | LeftAlone;

export interface Judged {
  readonly tool: Tool | null;
  /** The other tool is deploying there, by its lock: the path of that, below the root. */
  readonly lock: string | null;
  /** Oldest first. */
  readonly folders: readonly JudgedFolder[];
}

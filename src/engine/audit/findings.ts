import type { RunId } from '../../model/names.js';

export const RECORD_STATES = ['intact', 'unchained', 'incomplete', 'changed'] as const;

/**
 * What a file of records turned out to be.
 * - `intact`: every line that has a digest fits the one before it, and what other records say of it
 * - `unchained`: an older fleet wrote all of it, without digests
 * - `incomplete`: what is there fits, but something is not covered or not there; a crash can do that
 * - `changed`: a line does not fit, or lines that were there are gone
 */
export type RecordState = (typeof RECORD_STATES)[number];

/** What was found out of one file. */
export interface RecordFinding {
  /** Absolute. */
  readonly file: string;
  /** The run whose journal it is; null for `deploy.log` and those that were rotated away. */
  readonly run: RunId | null;
  readonly state: RecordState;
  readonly lines: number;
  /** The first line with a digest, from 1; null if there is none. */
  readonly chainedFrom: number | null;
  /** The last line up to which all fits. */
  readonly intactThrough: number;
  /** The digest of that line, to compare with one that was noted elsewhere. */
  readonly head: string | null;
  /** What was found, in words; the gravest first. */
  readonly notes: readonly string[];
}

/** The graver of two states. */
export function graver(one: RecordState, other: RecordState): RecordState {
  return RECORD_STATES.indexOf(one) >= RECORD_STATES.indexOf(other) ? one : other;
}

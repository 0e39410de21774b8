import * as z from 'zod';
import { DRIFT_CHECKS, DRIFT_STATES } from '../../model/releases/drift.js';
import * as shape from './shapes.js';

/** A path of 4 KiB, its escapes, and as much for the target of a link. */
const LONGEST_LINE = 20_000;

/** How a release compares with its manifest. Its `differs` events follow. */
export const drift = z.object({
  event: z.literal('drift'),
  release: shape.releaseName,
  state: z.enum(DRIFT_STATES, 'not a state of a release'),
  by: z.enum(DRIFT_CHECKS, 'not a way to compare'),
});

/** A line of the manifest that is not so on disk (`expected`), or a line of what is there (`found`). */
export const differs = z.object({
  event: z.literal('differs'),
  release: shape.releaseName,
  side: z.enum(['expected', 'found'], 'not a side'),
  line: z.string('not a line').max(LONGEST_LINE, 'too long a line'),
});

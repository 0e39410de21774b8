import * as z from 'zod';
import { RECORD_KINDS, SHARE_KINDS } from '../../model/adopt/found.js';
import * as shape from '../protocol/shapes.js';

/** What `inspect` and `digest` say of releases that other tools made. */

const flag = z.boolean('not true or false').default(false);

/** A folder in releases/. */
export const foundFolder = z.object({
  event: z.literal('folder'),
  id: shape.releaseId,
  name: shape.label,
  revision: shape.label.nullable(),
  bad: flag,
  dirty: flag,
  empty: flag,
  listed: flag,
  current: flag,
  modified: shape.unixTime.nullable().default(null),
});

/** One line of what a tool has written of its own deploys. */
export const toolRecord = z.object({
  event: z.literal('record'),
  of: z.enum(RECORD_KINDS, 'not a kind of record'),
  line: shape.reason,
});

/** A link in the current release that leads into shared/. */
export const foundShare = z.object({
  event: z.literal('shared'),
  path: shape.reason,
  target: shape.reason,
  kind: z.enum(SHARE_KINDS, 'not a kind of path'),
});

export const digested = z.object({
  event: z.literal('digested'),
  id: shape.releaseId,
  /** Null for a folder with files that cannot be read, or with sockets or pipes. */
  digest: shape.digest.nullable(),
});

import * as z from 'zod';
import type { Found } from '../../model/adopt/found.js';
import { RECORD_KINDS, SHARE_KINDS } from '../../model/adopt/found.js';
import type { ReleaseId } from '../../model/names.js';
import * as shape from '../protocol/shapes.js';
import type { HostEvent } from './reply.js';

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

/** All that `inspect` found. */
export function readFound(events: readonly HostEvent[]): Found {
  return {
    folders: events.flatMap((each) => {
      if (each.event !== 'folder') return [];
      const { event: _, ...folder } = each;
      return [folder];
    }),
    records: events.flatMap((each) =>
      each.event === 'record' ? [{ of: each.of, line: each.line }] : [],
    ),
    shares: events.flatMap((each) =>
      each.event === 'shared' ? [{ path: each.path, target: each.target, kind: each.kind }] : [],
    ),
  };
}

/** The digests that `digest` steps have found, by release. */
export function readDigests(events: readonly HostEvent[]): ReadonlyMap<ReleaseId, string | null> {
  return new Map(
    events.flatMap((each) => (each.event === 'digested' ? [[each.id, each.digest] as const] : [])),
  );
}

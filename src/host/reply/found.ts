import type { Found } from '../../model/adopt/found.js';
import type { ReleaseId } from '../../model/names.js';
import type { HostEvent } from './reply.js';

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

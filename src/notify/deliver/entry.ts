import * as z from 'zod';
import type { Shape } from '../../model/text/shape.js';
import { type Letter, type Notice, noticeSchema } from '../notice.js';

/** The version of an entry. A newer fleet's entries are left for it. */
export const ENTRY_VERSION = 1;

/**
 * What waits for one receiver. It has no secret and no URL: the receiver is known by its key, and what it
 * needs is read from fleet.yaml when it is sent.
 */
export const entrySchema = () =>
  z.object({
    schemaVersion: z.literal(ENTRY_VERSION),
    id: z.string().describe('the same at each try, so that a receiver can leave out what it has'),
    receiver: z.string().describe('the key of the receiver'),
    name: z.string().describe('what fleet.yaml calls the receiver'),
    config: z.string().describe('the absolute path of the fleet.yaml that names the receiver'),
    notices: z.array(noticeSchema()).min(1).describe('several if they had to wait'),
    replaces: z.array(z.string()).describe('files of entries that are part of this one'),
    addedAt: z.string().describe('RFC 3339, UTC'),
    tries: z.int().nonnegative(),
    triedAt: z.string().nullable(),
    waitMs: z.number().nonnegative().describe('how long after the last try it waits'),
    isHeld: z.boolean().describe('whether a limit of the service made it wait'),
    why: z.string().nullable().describe('what came back from the last try'),
  });

export type Entry = Shape<typeof entrySchema>;

/** The letter that an entry is. */
export function letterOf({ notices }: Entry): Letter {
  const [first, second, ...others] = notices;
  if (first === undefined) throw new TypeError('an entry has a notice');
  return second === undefined
    ? { kind: 'notice', notice: first }
    : { kind: 'summary', notices: [first, second, ...others] };
}

/** Names an event for good, also if a run is resumed and its numbers begin again. */
export const letterId = ({ run, seq, at }: Notice): string =>
  `${run}.${seq}.${Date.parse(at).toString(36)}`;

/** How many milliseconds it has still to wait. A clock that was set back makes nothing wait longer. */
export function waitOf({ triedAt, waitMs }: Entry, now: Date): number {
  if (triedAt === null) return 0;
  const since = now.getTime() - Date.parse(triedAt);
  return since < 0 ? 0 : Math.max(0, waitMs - since);
}

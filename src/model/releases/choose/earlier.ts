import * as z from 'zod';
import { asReleaseId, isReleaseId, type ReleaseId, releaseIdSchema } from '../../names.js';
import type { RunKind } from '../../run-kind.js';
import type { Shape } from '../../text/shape.js';

/** Something that a host ran: a release of fleet, or another tool's. */
const ranSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('release'), id: releaseIdSchema() }),
    z.object({ kind: z.literal('foreign') }),
  ]);

export type Ran = Shape<typeof ranSchema>;

/** What a host ran before a release, by its own records. */
export const earlierSchema = () =>
  z.object({
    /** Newest first; without what was rolled back from. */
    ran: z.array(ranSchema()),
    /** True if it ran nothing before these; false if its records begin there. */
    isWhole: z.boolean(),
  });

export type Earlier = Shape<typeof earlierSchema>;

/** For hosts without such a record. */
export const UNKNOWN: Earlier = { ran: [], isWhole: false };

/** What a host has recorded of its last activation. */
export interface LastSwitch {
  readonly current: ReleaseId | null;
  readonly from: ReleaseId | null;
  readonly to: ReleaseId | null;
  /** What it ran before `from`. */
  readonly earlier: Earlier;
  /** Null if an older fleet activated it, which did not record that. */
  readonly kind: RunKind | null;
}

/**
 * What a host ran before its current release. A deploy adds to the list; a rollback goes back in it, so that what it left
 * is not found again. Nothing is known if `current` was moved by hand.
 */
export function earlierOf(last: LastSwitch): Earlier {
  const { current, from, to, kind, earlier } = last;
  if (current === null) return { ran: [], isWhole: from === null };
  if (to === null || (current !== to && current !== from)) return UNKNOWN;
  if (current === from) return earlier;
  if (kind === 'rollback') return without(backTo(earlier, to), from);
  if (kind === null) return UNKNOWN;
  return from === null
    ? earlier
    : { ...earlier, ran: [{ kind: 'release', id: from }, ...earlier.ran] };
}

/** What was before a release; for one that is not in the record, all of it. */
function backTo(earlier: Earlier, to: ReleaseId): Earlier {
  const at = earlier.ran.findIndex((each) => isRelease(each, to));
  return at === -1 ? earlier : { ...earlier, ran: earlier.ran.slice(at + 1) };
}

const without = (earlier: Earlier, id: ReleaseId | null): Earlier => ({
  ...earlier,
  ran: earlier.ran.filter((each) => id === null || !isRelease(each, id)),
});

const isRelease = (ran: Ran, id: ReleaseId): boolean => ran.kind === 'release' && ran.id === id;

/** Rollbacks that go back further need --to. */
const MOST_KEPT = 10;
const FOREIGN = '/';
const BEGINNING = '-';

/** As a host stores it: ids from the newest on, `/` for another tool's, `-` if nothing came before. */
export function earlierText({ ran, isWhole }: Earlier): string {
  const words = ran.map((each) => (each.kind === 'release' ? each.id : FOREIGN));
  return [...words, ...(isWhole ? [BEGINNING] : [])].slice(0, MOST_KEPT).join(',');
}

/** Reads that text; null if it is malformed. */
export function parseEarlier(text: string): Earlier | null {
  if (text === '') return UNKNOWN;
  const words = text.split(',');
  const isWhole = words.at(-1) === BEGINNING;
  const ran = words.slice(0, isWhole ? -1 : undefined);
  if (!ran.every((word) => word === FOREIGN || isReleaseId(word))) return null;
  return { ran: ran.map(ranOf), isWhole };
}

const ranOf = (word: string): Ran =>
  word === FOREIGN ? { kind: 'foreign' } : { kind: 'release', id: asReleaseId(word) };

import * as z from 'zod';

/**
 * Branded names, so that a host is never passed where a release is meant. Each `as…` function is the one place where a
 * validated string becomes a name.
 */
type Branded<Kind extends string> = string & z.$brand<Kind>;

/** A host as the inventory calls it, unique in a run. */
export type HostName = Branded<'host'>;
/** `<UTC time>-<sha7>`; see `isReleaseId`. */
export type ReleaseId = Branded<'release'>;
/** One deploy or rollback. Sorts by time. */
export type RunId = Branded<'run'>;

/** The form of a release id: it becomes a folder name on every host. */
const RELEASE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const hostNameSchema = () => z.string().brand<'host'>();
export const releaseIdSchema = () =>
  z.string().refine(isReleaseId, 'not a release id').brand<'release'>();
export const runIdSchema = () => z.string().refine(isRunId, 'not a run id').brand<'run'>();

export const asHostName = (text: string): HostName => text as HostName;
export const asReleaseId = (text: string): ReleaseId => text as ReleaseId;
export const asRunId = (text: string): RunId => text as RunId;

/** Whether a text may be a run id: the same form as a release id, since it becomes a folder name too. */
export const isRunId = (text: string): boolean => isReleaseId(text);

/** Whether a text may be a release's id: 1 to 128 plain characters, no `..`, no dot or dash first. */
export function isReleaseId(text: string): boolean {
  return RELEASE_ID.test(text) && !text.includes('..');
}

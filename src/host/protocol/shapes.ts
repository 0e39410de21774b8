import * as z from 'zod';
import { shortLine } from '../../errors/printable.js';
import { isReleaseId, type ReleaseId, type RunId } from '../../model/names.js';
import { parseEarlier } from '../../model/releases/choose/earlier.js';

/**
 * The shapes of a host's answers, field by field. A name, number, path or keyword must match its kind, or the
 * reply is refused; a text for people is made one short line that is safe to show, here and once.
 */

const isText = (what: string): z.ZodString => z.string(`not ${what}`);

const named = (pattern: RegExp, what: string): z.ZodString =>
  isText(what).regex(pattern, `not ${what}`);

/** The name of a file on the host and on the bastion: the host program's own `is_name`. */
const isName = (what: string) => isText(what).refine(isReleaseId, `not ${what}`);

export const releaseName = isName('a release id');
// The only place where a checked string becomes a release's or a run's name.
export const releaseId = releaseName.transform((text) => text as ReleaseId);
export const runId = isName('a run id').transform((text) => text as RunId);
export const transaction = isName('a transaction');
/** What a host ran before: ids, `/` for another tool's release, `-` at the end if the record is complete. */
export const earlier = isText('a list of releases')
  .max(2_000, 'not a list of releases')
  .transform((text, context) => {
    const parsed = parseEarlier(text);
    if (parsed === null) context.addIssue({ code: 'custom', message: 'not a list of releases' });
    return parsed ?? z.NEVER;
  });

/** A whole number from `least` to `most`. */
function whole(least: number, most: number): z.ZodInt {
  const range = `not a whole number from ${least} to ${most}`;
  return z.int(range).min(least, range).max(most, range);
}

/** Seconds, possibly in the past, within the range of a clock. */
export const seconds = whole(-1_000_000_000, 1_000_000_000);
/** Each run adds one; a higher number is not plausible. */
export const epoch = whole(0, 1_000_000_000);
export const bytes = whole(0, Number.MAX_SAFE_INTEGER);
/** Unix seconds to the end of the year 9999. */
export const unixTime = whole(0, 253_402_300_799);
/** The range of `pid_t` and `uid_t`. */
export const processId = whole(0, 2 ** 31 - 1);
export const userId = whole(0, 2 ** 32 - 1);
export const count = whole(0, 2 ** 32 - 1);

/** Text for people, cut to one line of `most` characters without terminal control characters. */
const shownText = (most: number) => isText('a text').transform((text) => shortLine(text, most));

/** Names of people, machines and versions. */
export const label = shownText(256);
/** A reason. */
export const reason = shownText(2_000);

export const commit = named(/^[0-9a-f]{7,64}$/, 'a commit of 7 to 64 hex digits');
export const digest = named(/^sha256:[0-9a-f]{64}$/, 'a digest, sha256: and 64 hex digits');
export const sha256 = named(/^[0-9a-f]{64}$/, 'a sha256 of 64 hex digits');
/** The kernel's boot id; empty if it does not tell. */
export const bootId = named(/^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/, 'a boot id');
/** As in machine-id(5), which may not be written yet. */
export const machineId = named(
  /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|uninitialized)?$/i,
  'a machine id',
);
/** A process, by its id and its start in ticks since the boot; empty if the host cannot tell. */
export const session = named(/^(\d{1,10}:\d{1,15})?$/, 'a process and its start');
/** How the dead-man timer of an open transaction waits. */
export const tier = named(/^(system|user|process|off)$/, 'a tier');
/** systemd's InvocationID; empty where the unit never ran. */
export const invocation = named(/^[0-9a-f]{0,32}$/, 'an invocation id');
/** A keyword of systemd for a state or type of unit. */
export const unitWord = named(/^[a-z0-9-]{0,64}$/, 'a word of systemd');
export const unitName = named(/^(?!-)[A-Za-z0-9:_.@\\-]{1,255}$/, 'the name of a unit');
/** systemd's rule for user names. */
export const userName = named(
  /^(?!-)[^\s:/\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]{1,256}$/u,
  'the name of a user',
);
export const path = named(/^\/[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{0,4095}$/u, 'an absolute path');

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

export const time = isText('a time').refine(
  (text) => RFC_3339.test(text) && !Number.isNaN(Date.parse(text)),
  'not a time as in RFC 3339',
);

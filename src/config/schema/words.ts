import * as z from 'zod';
import { parseSize } from '../../model/runs/size.js';
import { formatDuration, parseDuration } from '../../model/text/duration.js';

// Each schema checks one file and is done: compiling it first would cost more than it saves.
z.config({ jitless: true });

/*
 * The vocabulary of both files. An error text given to a schema is a noun phrase, what the value
 * must be; schema-problem.ts makes the sentence. Only a custom issue brings a whole sentence.
 */

/** A map whose keys are all known. The text of an unknown-key issue is the list of known keys. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : 'a map of settings',
  });
}

export const text = (pattern: RegExp, wanted: string) =>
  z.string({ error: wanted }).regex(pattern, { error: wanted, abort: true });

export const whole = (least: number, most: number) => {
  const wanted = `a whole number from ${least} to ${most}`;
  return z.int({ error: wanted }).min(least, { error: wanted }).max(most, { error: wanted });
};

export const choice = <const Values extends readonly string[]>(...values: Values) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

export const many = <Item extends z.ZodType>(item: Item, wanted: string) =>
  z.array(item, { error: wanted });

/** One value, or a list of at least one. */
export const oneOrMore = <Item extends z.ZodType>(item: Item, wanted: string) =>
  z.union([item, many(item, wanted).min(1, { error: wanted })], { error: wanted });

export const flag = z.boolean({ error: 'true or false' });

const DURATION = 'a duration such as 500ms, 30s, 2m or 1h';
export const duration = text(/^\d+(ms|s|m|h)$/, DURATION).refine(
  (value) => parseDuration(value) !== null,
  { error: 'too long: a duration is at most 24 days' },
);

/** A number of days or hours: longer than a duration of a run may be. */
export const age = text(/^[1-9]\d{0,4}[dh]$/, 'an age such as 30d or 12h');

/** The milliseconds that a validated age means. */
export const ageFrom = (value: string): number =>
  Number.parseInt(value, 10) * (value.endsWith('d') ? 86_400_000 : 3_600_000);

/** A duration that is neither too short nor too long for what `noun` names. */
export const durationWithin = (noun: string, bounds: { leastMs: number; mostMs: number }) =>
  duration.refine(
    (value) => {
      const ms = parseDuration(value);
      return ms === null || (ms >= bounds.leastMs && ms <= bounds.mostMs);
    },
    {
      error: `${noun} is from ${formatDuration(bounds.leastMs)} to ${formatDuration(bounds.mostMs)}`,
    },
  );

const SIZE = 'a whole number of hosts such as 2, or a percentage such as 25%';
/** A size that takes at least one host. */
export const size = sizeSchema(1, /^([1-9]\d{0,5}|([1-9]\d?|100)%)$/);
/** A number of hosts that may be none. */
export const tolerance = sizeSchema(0, /^(\d{1,6}|(\d{1,2}|100)%)$/);

function sizeSchema(least: number, pattern: RegExp) {
  const count = z.int({ error: SIZE }).min(least, { error: SIZE }).max(999_999, { error: SIZE });
  return z.union([count, text(pattern, SIZE)], { error: SIZE });
}

export const port = whole(1, 65_535);

/** Anything on one line without control characters. */
export const line = (wanted: string) => text(/^[^\u0000-\u001f\u007f]+$/, wanted);

/** The characters of a path on a host: nothing that a shell, systemd or sudoers would read. */
const PATH_CHARS = '[^\\s\\u0000-\\u001f\\u007f/\'"`$\\\\*?<>|&;(){}\\[\\]!#%:,=~]';
const SEGMENT = `(?!\\.{1,2}(?:/|$))${PATH_CHARS}+`;

export const hostFolder = text(
  new RegExp(`^~?(?:/${SEGMENT})+/?$`),
  'an absolute path, or one below ~/, without .., spaces, quotes or other special characters',
);

export const relativePath = text(
  new RegExp(`^(?!-)${SEGMENT}(?:/${SEGMENT})*/?$`),
  'a relative path without .., spaces, quotes or other special characters',
);

export const labelKey = text(/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/, 'a label name such as zone');

export const groupName = text(
  /^[A-Za-z0-9_][A-Za-z0-9._-]*$/,
  'a group name of letters, digits, dots, dashes',
);

/** The size that a validated value means. */
export function sizeFrom(value: string | number) {
  const parsed = parseSize(value);
  if (parsed === null) throw new TypeError(`not a size: ${value}`);
  return parsed;
}

/** The milliseconds that a validated value means. */
export function durationFrom(value: string): number {
  const parsed = parseDuration(value);
  if (parsed === null) throw new TypeError(`not a duration: ${value}`);
  return parsed;
}

/** The most hosts that one pattern may match. */
const MAX_HOSTS_PER_PATTERN = 10_000;

export type HostRange =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Expands `web[01:20].eu` to its names: numbers keep the width of their first bound, letters
 * (`[a:f]`) go by the alphabet, several ranges multiply out with the last one running fastest.
 */
export function expandHostRange(pattern: string): HostRange {
  const parts = pattern.split(/\[([^[\]]*)\]/);
  if (parts.some((part, index) => index % 2 === 0 && /[[\]]/.test(part))) {
    return malformed(`the brackets of ${pattern} do not pair up`);
  }
  let names: readonly string[] = [''];
  for (const [index, part] of parts.entries()) {
    const choices = index % 2 === 0 ? [part] : expandBounds(part);
    if (typeof choices === 'string') return malformed(choices);
    if (names.length * choices.length > MAX_HOSTS_PER_PATTERN) return malformed(tooMany(pattern));
    names = names.flatMap((name) => choices.map((choice) => name + choice));
  }
  return { kind: 'names', names };
}

/** The values between two bounds, or the reason why there are none. */
function expandBounds(range: string): readonly string[] | string {
  const [, first, last] = /^(\d{1,9}):(\d{1,9})$/.exec(range) ?? [];
  if (first !== undefined && last !== undefined) return numbers(range, first, last);
  const [, from, to] = /^([a-z]):([a-z])$|^([A-Z]):([A-Z])$/.exec(range)?.filter(Boolean) ?? [];
  if (from !== undefined && to !== undefined) return letters(range, from, to);
  return `[${range}] is not a range such as [01:20] or [a:f]`;
}

function numbers(range: string, first: string, last: string): readonly string[] | string {
  const from = Number(first);
  const count = Number(last) - from + 1;
  if (count < 1) return descending(range);
  if (count > MAX_HOSTS_PER_PATTERN) return tooMany(`[${range}]`);
  if (last.length < first.length) return `the bounds of [${range}] differ in width`;
  return Array.from({ length: count }, (_, step) =>
    String(from + step).padStart(first.length, '0'),
  );
}

function letters(range: string, first: string, last: string): readonly string[] | string {
  const from = first.charCodeAt(0);
  const count = last.charCodeAt(0) - from + 1;
  if (count < 1) return descending(range);
  return Array.from({ length: count }, (_, step) => String.fromCharCode(from + step));
}

const descending = (range: string): string => `[${range}] counts down; a range must count up`;

const tooMany = (pattern: string): string =>
  `${pattern} means more than ${MAX_HOSTS_PER_PATTERN} hosts`;

const malformed = (reason: string): HostRange => ({ kind: 'malformed', reason });

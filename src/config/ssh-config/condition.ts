import { matchesGlob } from '../../model/text/glob.js';

interface Criterion {
  /** In lower case. */
  readonly name: string;
  readonly negated: boolean;
  readonly value: string;
}

/** What has to be true for the lines below a `Host` or a `Match` line to apply. */
export type Condition =
  | { readonly kind: 'host'; readonly patterns: readonly string[] }
  | { readonly kind: 'match'; readonly criteria: readonly Criterion[] };

/** Whether lines apply, as far as their text alone tells. */
export type Truth = 'yes' | 'no' | 'maybe';

const WITHOUT_VALUE = new Set(['all', 'canonical', 'final']);

/** The criteria of a `Match` line; null where one lacks its value. */
export function matchCondition(values: readonly string[]): Condition | null {
  const criteria: Criterion[] = [];
  const rest = [...values];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const negated = word.startsWith('!');
    const name = word.slice(negated ? 1 : 0).toLowerCase();
    const value = WITHOUT_VALUE.has(name) ? '' : rest.shift();
    if (value === undefined) return null;
    criteria.push({ name, negated, value });
  }
  return { kind: 'match', criteria };
}

/** Whether it is the same for all hosts that the same `Host` lines apply to. */
export function isFixed(condition: Condition): boolean {
  return (
    condition.kind === 'host' || condition.criteria.every(({ name }) => WITHOUT_VALUE.has(name))
  );
}

export function asksFinalPass(condition: Condition): boolean {
  return condition.kind === 'match' && condition.criteria.some(({ name }) => name === 'final');
}

export function runsProgram(condition: Condition): boolean {
  return condition.kind === 'match' && condition.criteria.some(({ name }) => name === 'exec');
}

/**
 * Whether conditions hold for a host, judged by their text. Where ssh reads its files a second time, it
 * compares `Host` lines with the HostName then: one that does not match the host may match that.
 */
export function judge(
  conditions: readonly Condition[],
  host: string,
  hasFinalPass: boolean,
): Truth {
  let truth: Truth = 'yes';
  for (const condition of conditions) {
    if (condition.kind === 'match') {
      if (condition.criteria.some(({ name }) => name !== 'all')) truth = 'maybe';
    } else if (!matchesHost(condition.patterns, host)) {
      if (!hasFinalPass) return 'no';
      truth = 'maybe';
    }
  }
  return truth;
}

/** At least one pattern must match, and no negated one may. */
function matchesHost(patterns: readonly string[], text: string): boolean {
  const fits = (pattern: string): boolean => matchesGlob(text, pattern);
  const negated = patterns.filter((each) => each.startsWith('!'));
  return (
    !negated.some((each) => fits(each.slice(1))) &&
    patterns.some((each) => !each.startsWith('!') && fits(each))
  );
}

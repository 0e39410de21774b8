import { matchesGlob } from '../model/glob.js';

interface Criterion {
  /** In lower case. */
  readonly name: string;
  readonly negated: boolean;
  readonly value: string;
}

/** What a `Host` or a `Match` line demands of the lines below it. */
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
 * Whether conditions hold of a host by their text. Where ssh reads its files a second time, `Host`
 * lines are held against the HostName then, so that one which does not hold of the host still may.
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

/** What conditions are held against where there is no ssh to ask. */
export interface Subject {
  /** As the person names it, in the second pass its HostName. */
  readonly host: string;
  readonly originalHost: string;
  readonly hostName: string;
  readonly user: string;
  readonly localUser: string;
  readonly isFinalPass: boolean;
}

/** Whether a condition holds, nothing executed for it: what only a program could tell does not. */
export function holds(condition: Condition, subject: Subject): boolean {
  if (condition.kind === 'host') return matchesHost(condition.patterns, subject.host);
  return condition.criteria.every((criterion) => {
    const truth = criterionHolds(criterion, subject);
    return truth !== null && truth !== criterion.negated;
  });
}

/** Null for a criterion that is not worked out here. */
function criterionHolds({ name, value }: Criterion, subject: Subject): boolean | null {
  const oneOf = (text: string): boolean => matchesHost(value.split(','), text);
  const isHost = (text: string): boolean =>
    matchesHost(value.toLowerCase().split(','), text.toLowerCase());
  switch (name) {
    case 'all':
      return true;
    case 'canonical':
    case 'final':
      return subject.isFinalPass;
    case 'host':
      return isHost(subject.hostName);
    case 'originalhost':
      return isHost(subject.originalHost);
    case 'user':
      return oneOf(subject.user);
    case 'localuser':
      return oneOf(subject.localUser);
    default:
      return null;
  }
}

/** Criteria that `holds` knows nothing of. */
export function unknownCriteria(condition: Condition): readonly string[] {
  if (condition.kind === 'host') return [];
  const known = ['all', 'canonical', 'final', 'host', 'originalhost', 'user', 'localuser'];
  return condition.criteria.map(({ name }) => name).filter((name) => !known.includes(name));
}

/** One pattern must fit, and no negated one may. */
function matchesHost(patterns: readonly string[], text: string): boolean {
  const fits = (pattern: string): boolean => matchesGlob(text, pattern);
  const negated = patterns.filter((each) => each.startsWith('!'));
  return (
    !negated.some((each) => fits(each.slice(1))) &&
    patterns.some((each) => !each.startsWith('!') && fits(each))
  );
}

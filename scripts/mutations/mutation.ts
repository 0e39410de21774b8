/** One check in the code, and what the code is without it. */
export interface Mutation {
  /** A few words; no two mutations have the same. */
  readonly name: string;
  /** What holds only because of it: an invariant of the design, or what happened to others. */
  readonly protects: string;
  /** From the top of the checkout. */
  readonly file: string;
  /** The text of the check, which is in its file exactly once. */
  readonly find: string;
  /** What the code would be without it; has to be a program still. */
  readonly without: string;
  /** Tests of which at least one must fail then: `file > a part of the full name`. */
  readonly noticedBy: readonly string[];
}

/** A test by its file and a part of its full name, which is that of its describes and its own. */
export interface TestName {
  readonly file: string;
  readonly part: string;
}

export function testNameOf(text: string): TestName {
  const [file = '', ...rest] = text.split(' > ');
  return { file, part: rest.join(' > ') };
}

/** The text of the file without the check; null where it is not there exactly once. */
export function mutate(text: string, { find, without }: Mutation): string | null {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) return null;
  return `${before}${without}${after}`;
}

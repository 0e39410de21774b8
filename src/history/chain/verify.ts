import { linesOf } from './head.js';
import { CHAIN_START, type ChainForm, linkOf } from './link.js';

/** The first line of a file that does not fit those before it; counted from 1. */
export interface Misfit {
  readonly line: number;
  readonly meaning: string;
}

/** What the chain of a file says. Lines are counted from 1. */
export interface ChainReading {
  readonly lines: number;
  /** The first line that has a digest; null if none has. */
  readonly chainedFrom: number | null;
  /** The last line up to which everything fits. */
  readonly intactThrough: number;
  /** The digests of all lines that fit, in order. */
  readonly digests: readonly string[];
  readonly misfit: Misfit | null;
  /** Lines after the first that has a digest which no digest covers. */
  readonly uncovered: readonly number[];
  /** Lines without a digest that were there when the next line was written, as after a crash. */
  readonly covered: readonly number[];
  /** Lines that two processes wrote at the same time. */
  readonly forks: readonly number[];
  /** Whether the last line has no end; it is not among the uncovered then. */
  readonly isTorn: boolean;
}

/** Checks the chain of a file; `text` has one character for each byte. */
export function readChain(text: string, form: ChainForm): ChainReading {
  const lines = linesOf(text);
  const walk = new Walk(form, lines);
  for (const [index, line] of lines.entries()) {
    if (!walk.take(line, index + 1)) break;
  }
  const isTorn = text !== '' && !text.endsWith('\n');
  const found = walk.result();
  const uncovered = found.uncovered.filter((at) => !isTorn || at < lines.length);
  return { ...found, uncovered, isTorn };
}

/** One pass over the lines, which ends at the first misfit. */
class Walk {
  readonly #form: ChainForm;
  readonly #lines: readonly string[];
  /** The digest of the last line that has one. */
  #link = CHAIN_START;
  /** The same, over the lines without a digest that came after it. */
  #head = CHAIN_START;
  /** These lines. */
  #loose: number[] = [];
  #chainedFrom: number | null = null;
  #intactThrough = 0;
  #misfit: Misfit | null = null;
  readonly #places = new Map<string, number>();
  readonly #uncovered: number[] = [];
  readonly #covered: number[] = [];
  readonly #forks: number[] = [];

  constructor(form: ChainForm, lines: readonly string[]) {
    this.#form = form;
    this.#lines = lines;
  }

  /** False at a misfit. */
  take(line: string, at: number): boolean {
    const found = this.#form.open(line);
    if (found === null) {
      this.#head = linkOf(this.#head, line, 'latin1');
      this.#loose.push(at);
      this.#intactThrough = at;
      return true;
    }
    const { body, digest } = found;
    const follows = (before: string): boolean => linkOf(before, body, 'latin1') === digest;
    if (this.#places.has(digest))
      return this.#end(at, `it is a copy of line ${this.#places.get(digest)}`);
    if (follows(this.#head)) this.#covered.push(...this.#loose);
    else if (follows(this.#link)) this.#uncovered.push(...this.#loose);
    else if (this.#isFork(follows)) {
      this.#forks.push(at);
      this.#uncovered.push(...this.#loose);
    } else return this.#end(at, this.#meaningOf(at, digest));
    this.#loose = [];
    this.#chainedFrom ??= at;
    this.#places.set(digest, at);
    this.#link = digest;
    this.#head = digest;
    this.#intactThrough = at;
    return true;
  }

  result(): Omit<ChainReading, 'isTorn'> {
    const begun = this.#chainedFrom;
    const after = begun === null ? [] : this.#loose;
    return {
      lines: this.#lines.length,
      chainedFrom: begun,
      intactThrough: this.#intactThrough,
      digests: [...this.#places.keys()],
      misfit: this.#misfit,
      uncovered: [...this.#uncovered, ...after],
      covered: this.#covered.filter((at) => at > (begun ?? 0)),
      forks: this.#forks,
    };
  }

  /** Whether it follows an earlier line: another process had written in between. */
  #isFork(follows: (before: string) => boolean): boolean {
    return [...this.#places.keys()].some(follows);
  }

  #end(line: number, meaning: string): false {
    this.#misfit = { line, meaning };
    this.#intactThrough = Math.min(this.#intactThrough, line - 1);
    return false;
  }

  /** The nearest of what could have been done; two edits can look like one. */
  #meaningOf(at: number, digest: string): string {
    if (this.#chainedFrom === null && this.#loose.length > 0) {
      return 'what was there before the chain began has changed since';
    }
    const next = this.#lines.findIndex(
      (line, index) => index >= at && this.#fits(line, this.#head),
    );
    if (next >= 0) {
      const many = at === next ? `line ${at} was` : `lines ${at} to ${next} were`;
      return `${many} inserted or moved: line ${next + 1} follows line ${at - 1}`;
    }
    const following = this.#lines[at];
    if (following !== undefined && this.#fits(following, digest)) {
      return `line ${at} was changed, or lines before it were removed, inserted or moved`;
    }
    return 'it was changed, or lines around it were removed, inserted or moved';
  }

  #fits(line: string, before: string): boolean {
    const found = this.#form.open(line);
    return found !== null && linkOf(before, found.body, 'latin1') === found.digest;
  }
}

import type { Token } from './token.js';

/** A literal of a script, as far as it is known without running it. */
export type Value = string | number | boolean | null | readonly Value[] | MapValue | typeof UNKNOWN;

export interface MapValue {
  readonly entries: readonly (readonly [key: string, value: Value])[];
}

/** Only running the script would tell. */
export const UNKNOWN = Symbol('unknown');

/** What a script has set so far. */
export interface Scope {
  /** The value of `fetch(:name)` or `get('name')`; undefined if it was not set. */
  readonly valueOf: (name: string) => Value | undefined;
  /** The text with the variables of the language replaced; null if one is not known. */
  readonly fill: (text: string, interpolated: boolean) => string | null;
}

/** Deeper literals are not read. */
const DEEPEST = 40;

/** Reads values one after the other; `at` is the next token. */
export class ValueReader {
  at = 0;
  #depth = 0;

  constructor(
    readonly tokens: readonly Token[],
    readonly scope: Scope,
  ) {}

  /** What is between here and `close`, or the end: positional values, then `key: value` as one map. */
  values(close: string | null): readonly Value[] {
    const values: Value[] = [];
    const entries: (readonly [string, Value])[] = [];
    while (!this.isAtEnd(close)) {
      const from = this.at;
      const key = this.#key();
      if (key !== null) entries.push([key, this.value()]);
      else values.push(this.value());
      this.#skipToComma(close);
      if (this.at === from) this.at += 1;
    }
    if (close !== null && this.peekMark(close)) this.at += 1;
    return entries.length > 0 ? [...values, { entries }] : values;
  }

  isAtEnd(close: string | null): boolean {
    return this.at >= this.tokens.length || (close !== null && this.peekMark(close));
  }

  peekMark(mark: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === 'mark' && token.value === mark;
  }

  peekWord(): string | null {
    const token = this.tokens[this.at];
    return token?.kind === 'word' ? token.value : null;
  }

  value(): Value {
    if (this.#depth > DEEPEST) {
      this.at = this.tokens.length;
      return UNKNOWN;
    }
    this.#depth += 1;
    const read = this.#operators(this.#single());
    this.#depth -= 1;
    return read;
  }

  #single(): Value {
    const token = this.tokens[this.at];
    if (token === undefined) return UNKNOWN;
    this.at += 1;
    switch (token.kind) {
      case 'text':
        return this.scope.fill(token.value, token.interpolated) ?? UNKNOWN;
      case 'list':
        return token.values;
      case 'number':
      case 'symbol':
        return token.value;
      case 'mark':
        return this.#bracket(token.value);
      case 'word':
        return this.#word(token.value);
      default:
        return UNKNOWN;
    }
  }

  #bracket(mark: string): Value {
    if (mark === '[') return this.#list(']');
    if (mark === '{') return this.#list('}');
    return UNKNOWN;
  }

  /** A list, or a map if all of it are pairs. */
  #list(close: string): Value {
    const values = this.values(close);
    const [only, ...others] = values;
    const isMap = only !== undefined && others.length === 0 && isMapValue(only);
    if (isMap) return only;
    return close === '}' && values.length === 0 ? { entries: [] } : values;
  }

  #word(word: string): Value {
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'nil' || word === 'null') return null;
    if (!this.peekMark('(')) return UNKNOWN;
    this.at += 1;
    if (word === 'array') return this.#list(')');
    const [name, otherwise] = this.values(')');
    if ((word !== 'fetch' && word !== 'get') || typeof name !== 'string') return UNKNOWN;
    return this.scope.valueOf(name) ?? otherwise ?? UNKNOWN;
  }

  /** `+` and `push` join lists; whatever else follows makes the value unknown. */
  #operators(first: Value): Value {
    let value = first;
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind !== 'mark' && token?.kind !== 'word') return value;
      if (token.kind === 'word') return UNKNOWN;
      if (token.value === '+') {
        this.at += 1;
        value = joined(value, [this.#single()]);
      } else if (token.value === '.') {
        this.at += 1;
        value = this.#method(value);
      } else {
        return [',', ')', ']', '}', '=>', ';'].includes(token.value) ? value : UNKNOWN;
      }
    }
  }

  #method(value: Value): Value {
    const name = this.peekWord();
    this.at += 1;
    if (name === 'freeze') return value;
    if (!this.peekMark('(')) return UNKNOWN;
    this.at += 1;
    const given = this.values(')');
    if (name === 'push') return joined(value, [given]);
    return name === 'concat' ? joined(value, given) : UNKNOWN;
  }

  /** The key of `key: value` or `key => value`; null for a value alone. */
  #key(): string | null {
    const token = this.tokens[this.at];
    if (token?.kind === 'label') {
      this.at += 1;
      return token.value;
    }
    const next = this.tokens[this.at + 1];
    const isPair = next?.kind === 'mark' && next.value === '=>';
    if (!isPair || (token?.kind !== 'text' && token?.kind !== 'symbol')) return null;
    this.at += 2;
    return token.value;
  }

  /** Past the next comma of this level. */
  #skipToComma(close: string | null): void {
    let depth = 0;
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at];
      const mark = token?.kind === 'mark' ? token.value : '';
      if (depth === 0 && close !== null && mark === close) return;
      this.at += 1;
      if (depth === 0 && mark === ',') return;
      if (['(', '[', '{'].includes(mark)) depth += 1;
      if ([')', ']', '}'].includes(mark)) depth -= 1;
      if (depth < 0) return;
    }
  }
}

const joined = (value: Value, lists: readonly Value[]): Value =>
  isList(value) && lists.every(isList) ? [...value, ...lists.flat()] : UNKNOWN;

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

export const isMapValue = (value: Value | undefined): value is MapValue =>
  typeof value === 'object' && value !== null && 'entries' in value && !Array.isArray(value);

/** All of it as texts; null if any is no text. A single text is a list of one. */
export function textsOf(value: Value | undefined): readonly string[] | null {
  if (typeof value === 'string') return [value];
  if (!isList(value)) return null;
  const texts = value.flatMap((each) => (isList(each) ? (textsOf(each) ?? UNKNOWN) : each));
  return texts.every((each) => typeof each === 'string') ? texts : null;
}

export const entryOf = (value: Value | undefined, key: string): Value | undefined =>
  isMapValue(value) ? value.entries.find(([each]) => each === key)?.[1] : undefined;

import { fillTemplate } from '../script/template.js';
import type { Token } from '../script/token.js';
import { type Scope, type Value, ValueReader } from '../script/value.js';

const VARIABLE = /#\{\s*(?:fetch\(\s*:(\w+)\s*\)|(\w+))\s*\}/g;

/** What a Ruby configuration has set; `#{fetch(:name)}` and `#{name}` in a text are replaced by it. */
export class RubyScope implements Scope {
  readonly #values = new Map<string, Value>();

  valueOf = (name: string): Value | undefined => this.#values.get(name);

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  fill = (text: string, interpolated: boolean): string | null => {
    if (!interpolated || !text.includes('#{')) return text;
    const filled = fillTemplate(text, VARIABLE, (name) => this.#values.get(name));
    return filled === null || filled.includes('#{') ? null : filled;
  };

  /** The arguments of a call, with parentheses or without. */
  argumentsOf(tokens: readonly Token[]): readonly Value[] {
    const reader = new ValueReader(tokens, this);
    const isWrapped = reader.peekMark('(');
    if (isWrapped) reader.at = 1;
    return reader.values(isWrapped ? ')' : null);
  }
}

const OPENERS = new Set('if unless while until case def class module begin for'.split(' '));

/** How many `end`s a statement needs more, or, below 0, gives. */
export function blocksOf(tokens: readonly Token[]): number {
  const [first] = tokens;
  const words = tokens.flatMap((token) => (token.kind === 'word' ? [token.value] : []));
  const count = (word: string): number => words.filter((each) => each === word).length;
  const opens = first?.kind === 'word' && OPENERS.has(first.value) ? 1 : 0;
  return opens + count('do') - count('end');
}

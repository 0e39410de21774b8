/** A piece of a Ruby or PHP file. Such a file is only read, never run. */
export type Token = { readonly line: number } & (
  | {
      readonly kind: 'text';
      readonly value: string;
      /** Whether `#{…}` or `$…` in it would be replaced. */
      readonly interpolated: boolean;
    }
  /** The output of a command, a regular expression: nothing that can be read without running it. */
  | { readonly kind: 'opaque' }
  /** `%w[a b]` */
  | { readonly kind: 'list'; readonly values: readonly string[] }
  | { readonly kind: 'number'; readonly value: number }
  /** `:name` */
  | { readonly kind: 'symbol'; readonly value: string }
  /** `name:` */
  | { readonly kind: 'label'; readonly value: string }
  | { readonly kind: 'word'; readonly value: string }
  | { readonly kind: 'mark'; readonly value: string }
  /** The end of a statement. */
  | { readonly kind: 'break' }
);

/** One statement with the line where it begins. */
export interface Statement {
  readonly line: number;
  readonly tokens: readonly Token[];
}

const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);

/** Splits tokens at breaks that are in no bracket, and not after a comma or an operator that needs more. */
export function statementsOf(tokens: readonly Token[]): readonly Statement[] {
  const statements: Statement[] = [];
  let current: Token[] = [];
  let depth = 0;
  const end = (): void => {
    const [first] = current;
    if (first !== undefined) statements.push({ line: first.line, tokens: current });
    current = [];
  };
  for (const token of tokens) {
    if (token.kind === 'break') {
      if (depth <= 0 && !goesOn(current.at(-1))) end();
      continue;
    }
    current.push(token);
    if (token.kind !== 'mark') continue;
    if (OPENING.has(token.value)) depth += 1;
    if (CLOSING.has(token.value)) depth = Math.max(0, depth - 1);
  }
  end();
  return statements;
}

const goesOn = (token: Token | undefined): boolean =>
  token?.kind === 'mark' && [',', '+', '\\', '->', '.', '=', '=>'].includes(token.value);

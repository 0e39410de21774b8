import { Composer, type Document, Lexer, Parser } from 'yaml';

/** How deeply lists and maps may be nested. */
export const MAX_DEPTH = 100;

export type Composed =
  | { readonly kind: 'document'; readonly doc: Document.Parsed; readonly offset: number }
  | { readonly kind: 'too-deep'; readonly offset: number };

/**
 * The documents of a YAML text, at least one. The composer goes down by recursion, and a text made
 * to exhaust the stack can end the whole process, so nesting is bounded before it comes to that.
 */
export function composeYaml(text: string): readonly [Composed, ...Composed[]] {
  const parser = new Parser();
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  const documents: Composed[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme))
      documents.push(...[...composer.next(token)].map(composed));
    if (parser.stack.length > MAX_DEPTH) return [{ kind: 'too-deep', offset: parser.offset }];
  }
  for (const token of parser.end()) documents.push(...[...composer.next(token)].map(composed));
  const [first, ...rest] = [...documents, ...[...composer.end(true, text.length)].map(composed)];
  if (first === undefined) throw new TypeError('the YAML composer gave no document');
  return [first, ...rest];
}

const composed = (doc: Document.Parsed): Composed => ({
  kind: 'document',
  doc,
  offset: doc.range[0],
});

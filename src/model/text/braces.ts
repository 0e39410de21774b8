/** A text with braces as it was meant, or why it cannot be. */
export type Braces =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'malformed'; readonly reason: string };

/** More is a mistake of typing. */
const MOST = 100;

/**
 * Writes out the braces of a text, as shells do: `app@{1..3}` and `app@{1,2,3}`, several of them multiply
 * out, and `{01..10}` keeps its width.
 */
export function expandBraces(text: string): Braces {
  let texts: readonly string[] = [''];
  for (const part of text.split(/(\{[^{}]*\})/)) {
    const choices = part.startsWith('{') && part.endsWith('}') ? choicesOf(part) : [part];
    if (choices === null) return malformed(`${part} is neither {1..4} nor {a,b}`);
    if (choices.some((choice) => /[{}]/.test(choice))) {
      return malformed(`the braces of ${text} do not match, or are in each other`);
    }
    if (texts.length * choices.length > MOST) {
      return malformed(`${text} stands for more than ${MOST} names`);
    }
    texts = texts.flatMap((before) => choices.map((choice) => `${before}${choice}`));
  }
  return { kind: 'texts', texts };
}

function choicesOf(part: string): readonly string[] | null {
  const inner = part.slice(1, -1);
  const [, from, to] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(inner) ?? [];
  if (from !== undefined && to !== undefined) return numbers(from, to);
  const words = inner.split(',');
  return words.length > 1 && words.every((word) => word !== '') ? words : null;
}

/** Null if there are none, or far too many. */
function numbers(from: string, to: string): readonly string[] | null {
  const [first, last] = [Number(from), Number(to)];
  if (last < first || last - first > MOST) return null;
  const width = from.startsWith('0') ? from.length : 1;
  return Array.from({ length: last - first + 1 }, (_, index) =>
    `${first + index}`.padStart(width, '0'),
  );
}

const malformed = (reason: string): Braces => ({ kind: 'malformed', reason });

import { matchesGlob } from '../../model/text/glob.js';

/**
 * Whether a comma list of known_hosts patterns, given as its parts in lower case, matches `name`:
 * at least one part does, and none with a `!` before it. `*` is any text and `?` any one character.
 */
export function matchesPatterns(patterns: readonly string[], name: string): boolean {
  let positive = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchesGlob(name, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    positive = true;
  }
  return positive;
}

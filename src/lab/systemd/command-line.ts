/**
 * Splits one `Exec…=` line or `Environment=` value into words, as systemd.syntax(7) says: white space separates, single and
 * double quotes group, a backslash escapes the next character.
 */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') {
      word = (word ?? '') + escaped(text.charAt(++at));
    } else if (quote !== null) {
      if (char === quote) quote = null;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** An `Exec…=` line: what is run, and whether a failure counts (not with the `-` prefix). */
export interface CommandLine {
  readonly argv: readonly string[];
  readonly ignoreFailure: boolean;
}

/**
 * Removes the prefixes `-@:+!` and expands variables: `${NAME}` anywhere, `$NAME` as a word of its own, which is split
 * again.
 */
export function expandCommand(
  line: string,
  environment: Readonly<Record<string, string>>,
): CommandLine {
  const prefix = /^[-@:+!]*/.exec(line)?.[0] ?? '';
  const argv = splitWords(line.slice(prefix.length)).flatMap((word) => {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (whole !== undefined) return splitWords(environment[whole] ?? '');
    return [
      word
        .replace(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => environment[name] ?? '')
        .replaceAll('$$', '$'),
    ];
  });
  return { argv, ignoreFailure: prefix.includes('-') };
}

function escaped(char: string): string {
  const known: Record<string, string> = { n: '\n', t: '\t', s: ' ' };
  return known[char] ?? char;
}

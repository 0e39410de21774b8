import SSHConfig from 'ssh-config';

/** One line of an ssh_config, taken apart. */
export type ParsedLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'malformed' }
  /** The keyword in lower case. */
  | { readonly kind: 'directive'; readonly keyword: string; readonly values: readonly string[] };

const BLANK = /^\s*(#|$)/;

/** Parsed line by line, so that a mistake has its line and spoils no other. */
export function parseLine(text: string): ParsedLine {
  if (BLANK.test(text)) return { kind: 'blank' };
  const line = directiveOf(text);
  if (line === null) return { kind: 'malformed' };
  const values = typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val);
  const keyword = /^\s*match\b/i.test(text) ? 'match' : line.param.toLowerCase();
  return !/^[a-z0-9]+$/.test(keyword) || values.every((value) => value === '')
    ? { kind: 'malformed' }
    : { kind: 'directive', keyword, values };
}

/**
 * The library throws of quotes that stay open, and of keywords without a value. It takes `Match`
 * for criteria with a value each, which `!final` has not, so it is shown a `Host` instead.
 */
function directiveOf(text: string) {
  try {
    const line = SSHConfig.parse(text.replace(/^\s*match\b/i, 'Host'))[0];
    return line !== undefined && 'param' in line ? line : null;
  } catch {
    return null;
  }
}

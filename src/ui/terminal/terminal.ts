/** What the UI needs of a stream that it writes to, e.g. `process.stderr`. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Bytes that are written but not sent, and whether the writer should wait. */
  readonly writableLength?: number | undefined;
  readonly writableNeedDrain?: boolean | undefined;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type OutputMode = 'tree' | 'plain' | 'ndjson' | 'quiet';

/** Colours, by https://no-color.org, FORCE_COLOR and TERM; a stream that is not a TTY has none. */
export function wantsColor(env: Environment, stream: Terminal, noColor = false): boolean {
  if (noColor || (env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '') !== '') return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Whether the locale can show more than ASCII; the first that is set decides, as in POSIX. */
export function wantsUnicode(env: Environment): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => (value ?? '') !== '');
  return /utf-?8/i.test(locale ?? '');
}

/** Whether a CI job runs this, with no person at the terminal: CI services set the variable. */
export const inCi = (env: Environment): boolean => (env.CI ?? '') !== '' && env.CI !== 'false';

/** How progress is shown by default: the tree needs a TTY that can move its cursor. */
export function defaultMode(env: Environment, stream: Terminal): OutputMode {
  return stream.isTTY === true && env.TERM !== 'dumb' && !inCi(env) ? 'tree' : 'plain';
}

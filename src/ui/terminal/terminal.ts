/** What the interface needs of a stream it writes to; `process.stderr` is one. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** What was written and has not gone out: bytes, and whether that is more than is good. */
  readonly writableLength?: number | undefined;
  readonly writableNeedDrain?: boolean | undefined;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export type OutputMode = 'tree' | 'plain' | 'ndjson' | 'quiet';

/** Colours, by https://no-color.org, FORCE_COLOR and TERM; a stream that is no TTY has none. */
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

/** Whether a job runs this, at whose terminal no person sits; by the variable that such services set. */
export const inCi = (env: Environment): boolean => (env.CI ?? '') !== '' && env.CI !== 'false';

/** How progress is shown where nobody said: the tree needs a TTY that can move its cursor. */
export function defaultMode(env: Environment, stream: Terminal): OutputMode {
  return stream.isTTY === true && env.TERM !== 'dumb' && !inCi(env) ? 'tree' : 'plain';
}

/**
 * How a practice host can be broken:
 * - `refuse-logins`: every authentication fails
 * - `dies-after-start`: the unit's process is killed `ms` (300) after each start
 * - `slow`: each command starts `ms` (2000) late, as does each call that fleet's host program is sent
 * - `disk-full`: df shows nothing free and tar fails with ENOSPC
 * - `drop-mid-step`: the connection is cut in the middle of a command, or call, that holds `match`
 *   (`activate`): at its first output, or `ms` after its start where that is given
 * - `hang`: new connections are accepted and never answered
 * - `sudo-password`: sudo wants a password; the host program does without sudo where the lab is
 *   run by root, so there it shows only in commands that call sudo themselves
 * - `down`: nothing listens, and connections are cut
 */
export const FAULT_KINDS = [
  'refuse-logins',
  'dies-after-start',
  'slow',
  'disk-full',
  'drop-mid-step',
  'hang',
  'sudo-password',
  'down',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** What a fault can be told. Times are in milliseconds. */
export interface FaultOptions {
  readonly ms?: number | undefined;
  /** Only commands and calls that hold this text are hit, by `slow` and `drop-mid-step`. */
  readonly match?: string | undefined;
}

/** The faults that are on, of one host. */
export type Faults = Map<FaultKind, FaultOptions>;

export function isFaultKind(text: string): text is FaultKind {
  return FAULT_KINDS.some((kind) => kind === text);
}

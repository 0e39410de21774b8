/**
 * Faults of a practice host:
 * - `refuse-logins`: every authentication fails
 * - `dies-after-start`: the unit's process is killed `ms` (300) after each start
 * - `slow`: each command, and each call of fleet's host program, starts `ms` (2000) late
 * - `disk-full`: df shows no free space and tar fails with ENOSPC
 * - `drop-mid-step`: the connection is cut during a command or call that contains `match` (`activate`): at its first
 *   output, or `ms` after its start if that is given
 * - `hang`: new connections are accepted and never answered
 * - `sudo-password`: sudo needs a password; if the lab is run by root the host program needs no sudo, so only commands
 *   that call sudo themselves fail
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

/** Settings of a fault. Times are in milliseconds. */
export interface FaultOptions {
  readonly ms?: number | undefined;
  /** Only commands and calls that contain this text are affected, by `slow` and `drop-mid-step`. */
  readonly match?: string | undefined;
}

/** The active faults of one host. */
export type Faults = Map<FaultKind, FaultOptions>;

export function isFaultKind(text: string): text is FaultKind {
  return FAULT_KINDS.some((kind) => kind === text);
}

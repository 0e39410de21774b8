import type { HostName, ReleaseId } from '../../names.js';

/** What to change in the refused command so that it works. */
export interface CommandChange {
  /** Hosts to leave out. */
  readonly without?: readonly HostName[];
  /** The hosts to keep, and no others. */
  readonly only?: readonly HostName[];
  readonly maxUnavailable?: number;
  readonly to?: ReleaseId;
}

/** The typed command with something changed, to paste into a shell. */
export type Retype = (change: CommandChange) => string;

/** Only the flags, if the typed command is not known. */
export const flagsOf: Retype = ({ without = [], only = [], maxUnavailable, to }) =>
  [
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...(only.length === 0 ? [] : [`-l ${only.join(',')}`]),
    ...(without.length === 0 ? [] : [`-l '${without.map((host) => `!${host}`).join(',')}'`]),
    ...(maxUnavailable === undefined ? [] : [`--max-unavailable ${maxUnavailable}`]),
  ].join(' ');

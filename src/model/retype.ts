import type { HostName, ReleaseId } from './names.js';

/** What a person changes of the command that was refused, so that it works. */
export interface CommandChange {
  /** Hosts to leave out. */
  readonly without?: readonly HostName[];
  /** The hosts to keep, and no others. */
  readonly only?: readonly HostName[];
  readonly maxUnavailable?: number;
  readonly to?: ReleaseId;
}

/** The command that was typed with something changed, to be pasted into a shell. */
export type Retype = (change: CommandChange) => string;

/** The flags alone, for whoever does not know what was typed. */
export const flagsOf: Retype = ({ without = [], only = [], maxUnavailable, to }) =>
  [
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...(only.length === 0 ? [] : [`-l ${only.join(',')}`]),
    ...(without.length === 0 ? [] : [`-l '${without.map((host) => `!${host}`).join(',')}'`]),
    ...(maxUnavailable === undefined ? [] : [`--max-unavailable ${maxUnavailable}`]),
  ].join(' ');

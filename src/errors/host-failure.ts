import type { ErrorCode } from './codes.js';

/** Why one host failed: a value, never thrown. Texts are free of control characters. */
export interface HostFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** How the message names the host, if it does; left out when one message is shown for many hosts. */
  readonly place?: string | undefined;
  /** The verb of the host program that failed, if one was sent. */
  readonly step?: string | undefined;
  /** The exit code, or the signal's name; absent if the step never ended. */
  readonly exit?: number | string | undefined;
  /** Last lines of the step's stderr. */
  readonly stderr?: readonly string[] | undefined;
  /** Last lines of the unit's journal. */
  readonly journal?: readonly string[] | undefined;
  /** What those lines are if the journal could not be read. */
  readonly journalOf?: 'status' | undefined;
  /** The next command to type, or the remedy. */
  readonly hint?: string | undefined;
}

/**
 * How one call of the host program ended, and what it said to people. As with a command that is run
 * over SSH, after all but `exited` it is unknown what the host has done.
 */
export type CallEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly stderr: string }
  | { readonly kind: 'signalled'; readonly signal: string; readonly stderr: string }
  | { readonly kind: 'timed-out'; readonly stderr: string }
  | { readonly kind: 'aborted' }
  | {
      readonly kind: 'lost';
      readonly message: string;
      readonly stderr: string;
      /** The exit code of a session that ended in the middle of a call, or before it. */
      readonly exit?: number;
    };

/** Bytes of a call's stderr that are kept, the last of them. */
export const KEPT_STDERR_BYTES = 65_536;

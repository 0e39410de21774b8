/**
 * How one call of the host program ended, and what it said to people. As with a command that is run
 * over SSH, after all but `exited` it is unknown what the host has done.
 */
export type CallEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly stderr: string }
  | { readonly kind: 'signalled'; readonly signal: string; readonly stderr: string }
  | { readonly kind: 'timed-out'; readonly stderr: string }
  | { readonly kind: 'aborted' }
  /** The host said more than it may, and was hung up on. */
  | { readonly kind: 'flooded'; readonly message: string; readonly stderr: string }
  | {
      readonly kind: 'lost';
      readonly message: string;
      readonly stderr: string;
      /** The exit code of a session that ended in the middle of a call, or before it. */
      readonly exit?: number;
    };

/** What a call may bring on stdout and stderr: 2,000 releases are a third of it. */
export const CALL_BYTES = 4 * 1024 * 1024;

/** Bytes of a call's stderr that are kept, the last of them. */
export const KEPT_STDERR_BYTES = 65_536;

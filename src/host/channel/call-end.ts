/**
 * How one call of the host program ended, and its stderr. As for any command over SSH, after every end but
 * `exited` it is unknown what the host has done.
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
      /** The exit code of a session that ended during a call, or before it. */
      readonly exit?: number;
    };

/** The limit for a call's stdout and stderr: 2,000 releases are a third of it. */
export const CALL_BYTES = 4 * 1024 * 1024;

/** Bytes of stderr that are kept, from its end. */
export const KEPT_STDERR_BYTES = 65_536;

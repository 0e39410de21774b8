import type { HostName } from '../model/names.js';

/**
 * What the machine asks for. Each ends in exactly one input; the engine carries it out, repeats
 * what is safe to repeat, and reports.
 */
export type Effect =
  /** Or, where an earlier controller of this run has been, adopt. */
  | { readonly kind: 'claim'; readonly host: HostName }
  | { readonly kind: 'stage'; readonly host: HostName }
  /** Arm, activate and verify: from here on `current` may have moved. */
  | { readonly kind: 'switch'; readonly host: HostName }
  /** With `probe` the look of the last gate is taken in the same call, after it. */
  | { readonly kind: 'confirm'; readonly host: HostName; readonly probe?: boolean | undefined }
  /** `back`: to the recorded `from`. `hold`: leave it as it is, marked down. */
  | { readonly kind: 'revert'; readonly host: HostName; readonly mode: 'back' | 'hold' }
  | { readonly kind: 'probe'; readonly host: HostName }
  /**
   * Give the claim back and read the host once more. `done`: the last gate has just looked at its
   * units, so they are not read again, and what is to be pruned is. `given-up`: it was asked long
   * enough before it was called unknown, and is asked once more; with `back` it is also to be taken
   * back, should it answer now and be undecided.
   */
  | {
      readonly kind: 'finish';
      readonly host: HostName;
      readonly after: 'done' | 'stopped' | 'given-up';
      readonly back?: boolean | undefined;
    }
  | { readonly kind: 'wait'; readonly ms: number };

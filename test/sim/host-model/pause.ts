/**
 * What a step waits for between two of its effects. At a pause in time it may be cut: the host may
 * go down there, or another step come in between.
 */
export type Pause =
  /** Time passes before the effect of that name. */
  | { readonly kind: 'time'; readonly ms: number; readonly next: string }
  /** The flock; answered by whether it came within that time. */
  | { readonly kind: 'lock'; readonly waitMs: number };

/** A part of the host program, that yields wherever it can be cut. */
export type Doing<T = void> = Generator<Pause, T, boolean>;

/** Time passes, then comes the effect of that name. */
export function* before(next: string, ms = 1): Doing {
  yield { kind: 'time', ms, next };
}

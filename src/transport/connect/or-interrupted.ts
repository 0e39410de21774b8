import { orAborted } from '../../async/or-aborted.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { INTERRUPTED } from './failure.js';

/** Resolves as `work` does, or with the failure `interrupted` once the signal aborts; work goes on. */
export async function orInterrupted<End>(
  work: Promise<End>,
  signal: AbortSignal,
): Promise<End | { readonly kind: 'failed'; readonly failure: HostFailure }> {
  try {
    return await orAborted(work, signal);
  } catch (error) {
    if (signal.aborted) return { kind: 'failed', failure: INTERRUPTED };
    throw error;
  }
}

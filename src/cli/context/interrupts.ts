import type { Context } from './context.js';

/** The two signals that a person has: finish what is in flight, then let go of everything. */
export interface Interrupts {
  readonly interrupt: AbortSignal;
  readonly detach: AbortSignal;
  /** Ends the watch for Ctrl-C. */
  dispose(): void;
}

/**
 * Watches for Ctrl-C: the first interrupts, the second detaches. `say` tells the person which. A
 * terminal that goes away interrupts and never detaches, for it tells so more than once.
 */
export function watchInterrupts(context: Context, say: (line: string) => void): Interrupts {
  const interrupt = new AbortController();
  const detach = new AbortController();
  const dispose = context.onInterrupt((how) => {
    if (!interrupt.signal.aborted) {
      interrupt.abort();
      say('Interrupted: nothing new starts; hosts in flight are brought to a decided state.');
      say('Ctrl-C again lets go of them at once.');
    } else if (how === 'asked' && !detach.signal.aborted) {
      detach.abort();
    }
  });
  return { interrupt: interrupt.signal, detach: detach.signal, dispose };
}

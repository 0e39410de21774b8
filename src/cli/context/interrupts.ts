import type { Context } from './context.js';

/** The two signals of a person: finish what is in flight, then disconnect from everything. */
export interface Interrupts {
  readonly interrupt: AbortSignal;
  readonly detach: AbortSignal;
  /** Ends the watch for Ctrl-C. */
  dispose(): void;
}

/**
 * Watches for Ctrl-C: the first interrupts, the second detaches. `say` shows the person which. A
 * terminal that closes interrupts and never detaches, because it sends HUP more than once.
 */
export function watchInterrupts(context: Context, say: (line: string) => void): Interrupts {
  const interrupt = new AbortController();
  const detach = new AbortController();
  const dispose = context.onInterrupt((how) => {
    if (!interrupt.signal.aborted) {
      interrupt.abort();
      say('Interrupted: no further host starts; hosts in flight are settled first.');
      say('Press Ctrl-C again to disconnect from them at once.');
    } else if (how === 'asked' && !detach.signal.aborted) {
      detach.abort();
    }
  });
  return { interrupt: interrupt.signal, detach: detach.signal, dispose };
}

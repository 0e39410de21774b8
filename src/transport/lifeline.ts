/** Whether a connection is there, and who must hear when it no longer is. */
export interface Lifeline {
  readonly open: boolean;
  /** Calls back when the connection has ended, until the signal aborts; at once where it has. */
  onLost(listener: (message: string) => void, until: AbortSignal): void;
  /** Why the connection has ended; null while it stands. */
  lost(): string | null;
  /** False where it was cut before. Nobody is told yet. */
  cut(reason: string): boolean;
  /** Tells everyone that waits, by a better reason where one was found since. */
  tell(found?: string): void;
}

export function createLifeline(): Lifeline {
  const waiting = new Set<(message: string) => void>();
  let open = true;
  let reason = 'the connection was lost';
  return {
    get open() {
      return open;
    },
    onLost(listener, until) {
      if (!open) return listener(reason);
      waiting.add(listener);
      until.addEventListener('abort', () => waiting.delete(listener));
    },
    lost: () => (open ? null : reason),
    cut(why) {
      if (!open) return false;
      open = false;
      reason = why;
      return true;
    },
    tell(found) {
      reason = found ?? reason;
      for (const listener of waiting) listener(reason);
      waiting.clear();
    },
  };
}

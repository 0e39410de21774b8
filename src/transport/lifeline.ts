export type LostListener = (message: string) => void;

/** Whether a connection is there, and who must hear when it no longer is. */
export interface Lifeline {
  readonly open: boolean;
  /** Calls back when the connection has ended, at once where it has; what it returns ends that. */
  onLost(listener: LostListener): () => void;
  /** Why the connection has ended; null while it stands. */
  lost(): string | null;
  /** False where it was cut before. Nobody is told yet. */
  cut(reason: string): boolean;
  /** Tells everyone that waits, by a better reason where one was found since. */
  tell(found?: string): void;
}

export function createLifeline(): Lifeline {
  const waiting = new Set<LostListener>();
  let open = true;
  let reason = 'the connection was lost';
  return {
    get open() {
      return open;
    },
    onLost(listener) {
      if (open) waiting.add(listener);
      else listener(reason);
      return () => void waiting.delete(listener);
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

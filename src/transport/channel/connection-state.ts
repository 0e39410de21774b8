export type LostListener = (message: string) => void;

/** The state of a connection, and who is notified when it ends. */
export interface Lifeline {
  readonly open: boolean;
  /** Calls back when the connection has ended, at once if it already has; returns how to unsubscribe. */
  onLost(listener: LostListener): () => void;
  /** Why the connection has ended; null while it is open. */
  lost(): string | null;
  /** Marks it as ended; false if it was already. Notifies no one yet. */
  cut(reason: string): boolean;
  /** Notifies all waiters, with a better reason if one was found since. */
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

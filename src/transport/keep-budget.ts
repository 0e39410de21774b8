/** What all commands together may keep of their output, beyond the part of each. */
export interface KeepBudget {
  /** What each stream of a command may always keep; bytes. */
  readonly share: number;
  /** As many of the requested bytes as are left. */
  grant(bytes: number): number;
}

/**
 * Shares `total` bytes among the two streams of `commands` commands: one half in equal parts, the other half
 * first come, first served.
 */
export function createKeepBudget(total: number, commands: number): KeepBudget {
  let left = Math.floor(total / 2);
  return {
    share: Math.floor(total / 4 / Math.max(1, commands)),
    grant(bytes) {
      const granted = Math.min(bytes, left);
      left -= granted;
      return granted;
    },
  };
}

/** How much one stream may keep: `most`, or what the budget has left. */
export function createRoom(most: number, budget: KeepBudget | undefined): (need: number) => number {
  if (budget === undefined) return () => most;
  let room = Math.min(most, budget.share);
  return (need) => {
    if (need > room && room < most) room += budget.grant(Math.min(need, most) - room);
    return room;
  };
}

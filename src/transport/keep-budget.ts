/** What all commands together may keep of what they print, beyond what each may keep in any case. */
export interface KeepBudget {
  /** What each stream of a command may keep, whatever the others do; bytes. */
  readonly share: number;
  /** So many of the bytes that are asked for, or as many as are left. */
  grant(bytes: number): number;
}

/**
 * Shares `total` bytes among the two streams of `commands` commands: half of it is dealt out in equal
 * parts, the other half goes to those that print more, first come, first served.
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

/** How much one stream may keep: `most`, or as much of it as there is in the budget. */
export function createRoom(most: number, budget: KeepBudget | undefined): (need: number) => number {
  if (budget === undefined) return () => most;
  let room = Math.min(most, budget.share);
  return (need) => {
    if (need > room && room < most) room += budget.grant(Math.min(need, most) - room);
    return room;
  };
}

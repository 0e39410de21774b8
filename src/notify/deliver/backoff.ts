const FIRST_MS = 1000;
/** From then on a service is tried four times an hour. */
const MOST_MS = 15 * 60_000;

/** What a service may ask for at most: the rest of its notices have to come too. */
export const LONGEST_WAIT_MS = 6 * 3_600_000;

/**
 * How long to wait after so many tries: twice as long each time, from one second on. `random` (0 to 1) takes up
 * to a quarter off, so that many processes do not come back at once.
 */
export function backoffMs(tries: number, random: number): number {
  const whole = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 20));
  return Math.round(whole * (1 - random / 4));
}

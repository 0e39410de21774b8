/**
 * The longest that one turn of this process's event loop took while `work` ran, in milliseconds of CPU
 * time: time in which other processes had the machine does not count. The least of several tries, as
 * a garbage collection or the compiler may fall into one of them.
 */
export async function leastHeld(work: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let again = 0; again < TRIES && least > GOOD_MS; again += 1) {
    least = Math.min(least, await heldBy(work));
  }
  return least;
}

async function heldBy(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let over = false;
  let before = process.cpuUsage();
  const turns = new Promise<void>((resolve) => {
    const turn = (): void => {
      const { user, system } = process.cpuUsage(before);
      longest = Math.max(longest, (user + system) / 1000);
      before = process.cpuUsage();
      if (over) resolve();
      else setImmediate(turn);
    };
    setImmediate(turn);
  });
  // It may end in the very turn that is long, which is to be counted too.
  await work().finally(() => {
    over = true;
  });
  await turns;
  return longest;
}

const TRIES = 3;
const GOOD_MS = 120;

/** What a peer may cost all others: heartbeats go out every few seconds, Ctrl-C is to be felt. */
export const MOST_HELD_MS = 200;

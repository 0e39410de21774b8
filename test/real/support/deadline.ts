import { setTimeout as sleep } from 'node:timers/promises';

/** Looks every 20 ms until it holds; throws when the time, in milliseconds, is over. */
export async function until(time: number, what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + time;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited ${time} ms for ${what}`);
    await sleep(20);
  }
}

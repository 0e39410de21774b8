import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../model/clock.js';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => uptimeMs() ?? performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
};

/** Linux counts a suspended machine's time here, and not in what Node has. */
function uptimeMs(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const [up = ''] = readFileSync('/proc/uptime', 'utf8').split(' ');
  return Math.round(Number(up) * 1000);
}

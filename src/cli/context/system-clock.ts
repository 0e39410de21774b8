import { openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../model/clock.js';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => uptimeMs() ?? performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
};

/**
 * For how long a reading is reused, in milliseconds that this process was awake: it is read dozens of
 * times for each host. A pause right after a reading is noticed at the next one.
 */
const FRESH_MS = 1;

let file: number | undefined;
const text = Buffer.alloc(64);
let reading = { awakeMs: Number.NEGATIVE_INFINITY, uptimeMs: 0 };

/** Linux counts a suspended machine's time here, and not in what Node has. */
function uptimeMs(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const awakeMs = performance.now();
  if (awakeMs - reading.awakeMs < FRESH_MS) return reading.uptimeMs;
  file ??= openSync('/proc/uptime', 'r');
  const length = readSync(file, text, 0, text.length, 0);
  const seconds = Number.parseFloat(text.toString('latin1', 0, length));
  reading = { awakeMs, uptimeMs: Math.round(seconds * 1000) };
  return reading.uptimeMs;
}

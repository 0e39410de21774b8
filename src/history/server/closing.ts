import { setTimeout as delay } from 'node:timers/promises';
import type { Sockets } from './sockets.js';

/** How long work in progress may take at the end. */
const GRACE_MS = 500;

/** Closes a pool of connections; one that waits for an answer does not keep the process. */
export async function closeWithin(end: () => Promise<void>, sockets: Sockets): Promise<void> {
  const ended = end().catch(() => undefined);
  const late = new AbortController();
  await Promise.race([ended, delay(GRACE_MS, undefined, { signal: late.signal, ref: true })]).catch(
    () => undefined,
  );
  late.abort();
  sockets.destroy();
  await ended;
}

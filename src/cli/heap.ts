import { setFlagsFromString } from 'node:v8';

/** From here on a heap that is kept small costs more than it saves. */
const MANY_HOSTS = 500;

/**
 * Takes back for large fleets what `bin/load.js` has told V8 to make of a heap that is to stay small:
 * of hundreds of megabytes, each growth by a third would be another full collection.
 */
export function giveHeapRoom(hosts: number): void {
  if (hosts <= MANY_HOSTS) return;
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
}

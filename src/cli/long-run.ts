import { setFlagsFromString } from 'node:v8';

/** From here on a heap that is kept small costs more than it saves. */
const MANY_HOSTS = 500;

/**
 * For large fleets, undoes what `bin/load.js` has told V8 of the heap of short runs: of a heap of
 * hundreds of megabytes, each growth by a third would be another full collection.
 */
export function prepareForLongRun(hosts: number): void {
  if (hosts <= MANY_HOSTS) return;
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
}

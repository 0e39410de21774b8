import { setFlagsFromString } from 'node:v8';

/** From here on a heap that is kept small costs more than it saves. */
const MANY_HOSTS = 500;
/** A run that is not over by then has code that is worth optimising; milliseconds. */
const SHORT_RUN_MS = 15_000;

/**
 * Takes back what `bin/load.js` has told V8 for runs of seconds: at once for large fleets, else once a
 * run turns out to be long. Of a heap of hundreds of megabytes, each growth by a third would be
 * another full collection.
 */
export function prepareForLongRun(hosts: number): void {
  if (hosts <= MANY_HOSTS) {
    setTimeout(optimise, SHORT_RUN_MS).unref();
    return;
  }
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
  optimise();
}

function optimise(): void {
  setFlagsFromString('--sparkplug');
  setFlagsFromString('--opt');
}

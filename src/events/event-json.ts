import { safeJson } from '../errors/unicode-escape.js';
import type { FleetEvent } from './event.js';

/**
 * An event as one line of JSON, for the journal and for `--output ndjson`, in characters that no
 * terminal obeys. The plan of a run is left out: only the run itself needs all that is in it, and
 * what is printed here is kept in logs.
 */
export function eventJson(event: FleetEvent): string {
  return safeJson(event.type === 'run-started' ? { ...event, plan: undefined } : event);
}

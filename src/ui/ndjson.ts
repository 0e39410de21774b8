import { safeJson } from '../errors/unicode-escape.js';
import type { FleetEvent } from '../events/event.js';

/**
 * An event as one line of JSON, the same value, in characters that no terminal obeys. The plan of a
 * run is left out: it has what only the run needs, such as URLs with a password, and logs are kept.
 */
export function ndjsonLine(event: FleetEvent): string {
  return safeJson(event.type === 'run-started' ? { ...event, plan: undefined } : event);
}

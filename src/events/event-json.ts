import { safeJson } from '../errors/unicode-escape.js';
import type { FleetEvent } from './event.js';

/**
 * An event as one line of JSON, for the journal and for `--output ndjson`, in characters that no
 * terminal acts on. The type comes from the schema, so it is not checked again here.
 */
export const eventJson = (event: FleetEvent): string => safeJson(event);

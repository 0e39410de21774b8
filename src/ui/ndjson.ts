import { escapeInJson } from '../errors/unicode-escape.js';
import type { FleetEvent } from '../events/event.js';

/** C1 controls and what reorders text; JSON escapes C0 itself, but these it leaves. */
const UNESCAPED = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** An event as one line of JSON, the same value, in characters that no terminal obeys. */
export function ndjsonLine(event: FleetEvent): string {
  return escapeInJson(JSON.stringify(event), UNESCAPED);
}

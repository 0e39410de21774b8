import type { FleetEvent } from '../events/event.js';

/** C1 controls and what reorders text; JSON escapes C0 itself, but these it leaves. */
const UNESCAPED = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** An event as one line of JSON, the same value, in characters that no terminal obeys. */
export function ndjsonLine(event: FleetEvent): string {
  return JSON.stringify(event).replace(
    UNESCAPED,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

import type { FleetEvent } from '../events/event.js';

/** One event as one line; the plan has a file of its own and is left out of its event. */
export function journalLine(event: FleetEvent): string {
  const { type } = event;
  const kept = type === 'run-started' ? { ...event, plan: undefined } : event;
  return `${JSON.stringify(kept)}\n`;
}

import type { FleetEvent } from '../events/event.js';
import { failureBlock } from './failure.js';
import type { Style } from './style.js';

/** Lines for an event where only failures are to be seen; what ends a run is the summary's. */
export function createQuiet(style: Style): (event: FleetEvent) => readonly string[] {
  const told = new Set<string>();
  return (event) => {
    if (event.type === 'run-started') told.clear();
    if (event.type !== 'preflight-host' && event.type !== 'host-stage') return [];
    // A host that is taken back carries its failure on; it is told once.
    if (event.failure === undefined || event.failure === null || told.has(event.host)) return [];
    told.add(event.host);
    return failureBlock(event.host, event.failure, style);
  };
}

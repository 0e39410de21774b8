import type { FleetEvent } from '../events/event.js';
import type { StopReason } from '../model/run.js';
import type { RunEvent } from './store.js';

/** An event as one line of a run's timeline; null for what only the journal keeps. */
export function timelineEntry(event: FleetEvent): RunEvent | null {
  const detail = detailOf(event);
  return detail === null ? null : { at: event.at, type: event.type, detail };
}

function detailOf(event: FleetEvent): string | null {
  switch (event.type) {
    case 'phase-started': {
      const wave = event.wave === null ? '' : ` ${event.wave + 1}`;
      return `${event.phase}${wave}, ${event.hosts.length} hosts`;
    }
    case 'gate-judged': {
      const hosts = event.hosts.length === 0 ? '' : `: ${event.hosts.join(', ')}`;
      return `gate ${event.wave + 1} ${event.verdict}${hosts}`;
    }
    case 'stopped':
      return stopDetail(event.reason);
    case 'warning':
      return event.host === undefined ? event.message : `${event.host}: ${event.message}`;
    case 'run-ended':
      return event.state;
    default:
      return null;
  }
}

function stopDetail(reason: StopReason): string {
  switch (reason.kind) {
    case 'tripped': {
      const failed = reason.failed.join(', ');
      return `wave ${reason.wave + 1} tripped the limit of the ${reason.limit}: ${failed}`;
    }
    case 'gate-failed':
      return `gate ${reason.wave + 1} failed: ${reason.failed.join(', ')}`;
    case 'gate-inconclusive':
      return `gate ${reason.wave + 1} had no reading of ${reason.missing.join(', ')}`;
    case 'no-budget':
      return `wave ${reason.wave + 1}: too many hosts out of service: ${reason.out.join(', ')}`;
    case 'interrupted':
      return 'interrupted by the operator';
    case 'claim-refused':
      return `claim refused by ${reason.hosts.join(', ')}`;
  }
}

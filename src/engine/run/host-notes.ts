import type { EventBus } from '../../events/bus.js';
import type { HostEvent } from '../../host/reply/reply.js';
import type { HostName } from '../../model/names.js';

/** What a host may have told of one call; the rest is counted. All of it goes to the journal. */
const MOST_NOTES = 100;

/** Passes on what a host tells of one call while it runs. */
export interface HostNotes {
  readonly hear: (event: HostEvent) => void;
  /** Says how much was not passed on, if anything. */
  end(): void;
}

export function createHostNotes(bus: EventBus, host: HostName): HostNotes {
  let notes = 0;
  const tell = (note: string): void => void bus.emit({ type: 'host-note', host, note });
  return {
    hear(event) {
      const note = noteOf(event);
      if (note === null) return;
      notes += 1;
      if (notes <= MOST_NOTES) tell(note);
    },
    end() {
      const more = notes - MOST_NOTES;
      if (more > 0) tell(`and ${more.toLocaleString('en')} more`);
    },
  };
}

function noteOf(event: HostEvent): string | null {
  switch (event.event) {
    case 'linked':
      return `linked ${event.release}`;
    case 'restarted':
      return `restarted ${event.unit}`;
    case 'probe':
      return event.healthy ? 'healthy' : event.reason;
    case 'note':
      return event.message;
    default:
      return null;
  }
}

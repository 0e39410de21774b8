import type { EventBus } from '../../../events/bus.js';
import type { HostEvent } from '../../../host/reply/reply.js';
import type { HostName } from '../../../model/names.js';
import { backupEvent } from './backup-event.js';

/** The most notes of one call that are passed on; the rest is counted. All of them go to the journal. */
const MOST_NOTES = 100;

/** Passes on what a host reports of one call while it runs. */
export interface HostNotes {
  readonly hear: (event: HostEvent) => void;
  /** Reports how many notes were not passed on, if any. */
  end(): void;
}

export function createHostNotes(bus: EventBus, host: HostName): HostNotes {
  let notes = 0;
  const tell = (note: string): void => void bus.emit({ type: 'host-note', host, note });
  return {
    hear(event) {
      if (event.event === 'backup' || event.event === 'restored') {
        bus.emit(backupEvent(event, host));
        return;
      }
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

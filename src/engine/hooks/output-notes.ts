import type { EventBus } from '../../events/bus.js';
import type { HostName } from '../../model/names.js';

/** The most lines of one hook that are passed on; the rest is counted. */
const MOST_LINES = 100;
/** The last lines, which a failure shows. */
const KEPT_LINES = 20;

/** Passes on what a hook of this machine prints. */
export interface OutputNotes {
  readonly hear: (line: string) => void;
  /** Reports how many lines were not passed on, if any. */
  end(): void;
  last(): readonly string[];
}

export function createOutputNotes(bus: EventBus, host: HostName | null, name: string): OutputNotes {
  let lines = 0;
  const kept: string[] = [];
  const tell = (note: string): void => {
    if (host === null) bus.emit({ type: 'hook-note', name, note });
    else bus.emit({ type: 'host-note', host, note });
  };
  return {
    hear(line) {
      lines += 1;
      kept.push(line);
      if (kept.length > KEPT_LINES) kept.shift();
      if (lines <= MOST_LINES) tell(line);
    },
    end() {
      const more = lines - MOST_LINES;
      if (more > 0) tell(`and ${more.toLocaleString('en')} more lines`);
    },
    last: () => kept,
  };
}

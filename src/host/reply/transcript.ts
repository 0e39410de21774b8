import { printableLine, shortLine } from '../../errors/printable.js';
import type { Step, StepReply } from '../protocol/protocol.js';
import { createAsked } from './asked.js';
import { type HostEvent, readLine } from './reply.js';

/** Lines of the unit's journal that are kept, from its end, and the length of each. */
const KEPT_JOURNAL = 20;
const LONGEST_LINE = 1_000;
/** Progress that is kept; listeners hear all of it. */
const KEPT_PROGRESS = 100;

/** The output of one call, sorted by kind as it comes. */
export interface Transcript {
  /** Takes one line of stdout. */
  read(line: string): void;
  isEmpty(): boolean;
  /** Readings, the first of the notes, and the last reading of a probe. */
  readonly events: readonly HostEvent[];
  readonly replies: readonly StepReply[];
  readonly journal: readonly string[];
  /** Whether those lines are from `systemctl status`, since the journal could not be read. */
  readonly isStatus: boolean;
  /** What is wrong with the first malformed line; nothing after it counts. */
  readonly malformed: string | null;
  /** The last line with text that is not the host program's. */
  readonly noise: string | null;
}

/** Reads the answer to `steps`; `onEvent` hears each event as it comes. */
export function createTranscript(
  steps: readonly Step[],
  onEvent?: (event: HostEvent) => void,
): Transcript {
  const asked = createAsked(steps);
  const readings: HostEvent[] = [];
  const replies: StepReply[] = [];
  const journal: string[] = [];
  let isStatus = false;
  let progress = 0;
  let probe: HostEvent | null = null;
  let malformed: string | null = null;
  let noise: string | null = null;

  const hear = (event: HostEvent): void => {
    malformed ??= asked.event(event);
    if (malformed !== null) return;
    if (PROGRESS.has(event.event)) progress += 1;
    if (event.event === 'probe') probe = event;
    else if (!PROGRESS.has(event.event) || progress <= KEPT_PROGRESS) readings.push(event);
    onEvent?.(event);
  };

  return {
    get noise() {
      return noise;
    },
    get malformed() {
      return malformed;
    },
    get events() {
      return probe === null ? readings : [...readings, probe];
    },
    replies,
    journal,
    get isStatus() {
      return isStatus;
    },
    isEmpty: () =>
      readings.length + replies.length + journal.length === 0 &&
      probe === null &&
      malformed === null,
    read(line) {
      // The rest is not read: an answer is understood completely or not at all.
      if (malformed !== null) return;
      const read = readLine(line);
      switch (read.kind) {
        case 'event':
          return hear(read.event);
        case 'reply':
          malformed = asked.reply(read.reply);
          if (malformed === null) replies.push(read.reply);
          return;
        case 'journal':
          isStatus = read.isStatus;
          journal.push(shortLine(read.line, LONGEST_LINE));
          if (journal.length > KEPT_JOURNAL) journal.shift();
          return;
        case 'damaged':
          malformed = asked.damaged();
          return hear({ event: 'note', message: read.message });
        case 'malformed':
          malformed = read.why;
          return;
        case 'noise':
          if (printableLine(line) !== '') noise = shortLine(line, LONGEST_LINE);
          return;
        default:
          return read satisfies never;
      }
    },
  };
}

const PROGRESS: ReadonlySet<HostEvent['event']> = new Set(['linked', 'restarted', 'note']);

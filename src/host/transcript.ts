import type { StepReply } from './protocol.js';
import { type HostEvent, readLine } from './reply.js';

/** A host may say this much in one call; what comes after is passed over, and the call is malformed. */
const MOST_LINES = 50_000;
const MOST_JOURNAL = 100;

/** What one call has said so far, sorted by kind as it comes. */
export interface Transcript {
  /** Takes one line of stdout. */
  read(line: string): void;
  isEmpty(): boolean;
  readonly events: readonly HostEvent[];
  readonly replies: readonly StepReply[];
  readonly journal: readonly string[];
  /** Lines that look like ours and are not. */
  readonly malformed: readonly string[];
  /** The last line that is none of ours and says something. */
  readonly noise: string | null;
}

/** `onEvent` hears each event as it comes. */
export function createTranscript(onEvent?: (event: HostEvent) => void): Transcript {
  const events: HostEvent[] = [];
  const replies: StepReply[] = [];
  const journal: string[] = [];
  const malformed: string[] = [];
  let noise: string | null = null;
  return {
    get noise() {
      return noise;
    },
    events,
    replies,
    journal,
    malformed,
    isEmpty: () => events.length + replies.length + journal.length + malformed.length === 0,
    read(line) {
      const read = readLine(line);
      switch (read.kind) {
        case 'event':
          if (events.length >= MOST_LINES) return void malformed.push('too many events');
          events.push(read.event);
          return onEvent?.(read.event);
        case 'reply':
          return void replies.push(read.reply);
        case 'journal':
          if (journal.length < MOST_JOURNAL) journal.push(read.line);
          return;
        case 'malformed':
          if (malformed.length < MOST_JOURNAL) malformed.push(read.line);
          return;
        case 'noise':
          if (line.trim() !== '') noise = line;
          return;
        default:
          return read satisfies never;
      }
    },
  };
}

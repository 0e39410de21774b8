import type { FleetEvent } from '../events/event.js';

/**
 * The place of an event among all events of its run, in all its streams: what a later event wrote outranks what an
 * earlier one wrote, in whatever order both reach a store. It sorts as text.
 */
export type Stamp = string;

const DIGITS = 10;

/** `streamStart`: when the stream began, RFC 3339 with milliseconds, UTC; `seq`: the event's number in it. */
export const stampOf = (streamStart: string, seq: number): Stamp =>
  `${streamStart}/${String(seq).padStart(DIGITS, '0')}`;

/**
 * Gives the events of one reader their stamps. A stream begins with its head, whose time is its name; a stream of an
 * old journal has no head and is named by its first event.
 */
export function createStamper(): (event: FleetEvent) => Stamp {
  let stream: string | null = null;
  return (event) => {
    if (event.type === 'stream-started') stream = event.at;
    stream ??= event.at;
    return stampOf(stream, event.seq);
  };
}

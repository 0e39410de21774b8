import { reasonOf } from '../errors/reason.js';
import type { RunId } from '../model/names.js';
import { EVENTS_VERSION, type FleetEvent, type FleetEventBody } from './event.js';

export type Listener = (event: FleetEvent) => void;

/**
 * The one stream of a command: stamps each event with the time, the run and its number, and hands it to
 * every reader, in order. Each reader gets the head of the stream first, whenever it joins, so that all
 * that is kept or sent says its version. From `run-started` on, events carry the run. A reader that
 * throws changes nothing for the run or for the others: it is unsubscribed, and a warning says so.
 */
export interface EventBus {
  /** Returns the event as its readers have it. */
  emit(body: FleetEventBody): FleetEvent;
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void;
}

/**
 * `begun`: the run whose stream this is, where it began in another one. `clean` gets each event before any reader: it
 * masks secrets.
 */
export function createEventBus(
  now: () => Date,
  begun: RunId | null = null,
  clean: (body: FleetEventBody) => FleetEventBody = (body) => body,
): EventBus {
  const head = { type: 'stream-started', schemaVersion: EVENTS_VERSION } as const;
  const startedAt = now().toISOString();
  let run = begun;
  let seq = 0;
  // Replaced, never changed: an event goes to those subscribed when it was emitted.
  let listeners: readonly Listener[] = [];
  // An event that a reader emits while it handles one comes after that one, for every reader.
  const waiting: (() => void)[] = [];
  let busy = false;

  const leave = (listener: Listener): void => {
    listeners = listeners.filter((other) => other !== listener);
  };
  const hand = (event: FleetEvent, to: readonly Listener[]): void => {
    for (const listener of to) {
      try {
        listener(event);
      } catch (error) {
        leave(listener);
        emit({ type: 'warning', message: `a reader of the events has failed: ${reasonOf(error)}` });
      }
    }
  };
  const inTurn = (work: () => void): void => {
    waiting.push(work);
    if (busy) return;
    busy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
    busy = false;
  };
  const emit = (body: FleetEventBody): FleetEvent => {
    if (body.type === 'run-started') run = body.run;
    seq += 1;
    const event: FleetEvent = { at: now().toISOString(), run, seq, ...clean(body) };
    inTurn(() => hand(event, listeners));
    return event;
  };

  return {
    emit,
    subscribe(listener) {
      inTurn(() => {
        listeners = [...listeners, listener];
        hand({ at: startedAt, run, seq: 0, ...head }, [listener]);
      });
      return () => leave(listener);
    },
  };
}

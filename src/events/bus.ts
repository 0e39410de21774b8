import { reasonOf } from '../errors/reason.js';
import type { FleetEvent, FleetEventBody } from './event.js';

export type Listener = (event: FleetEvent) => void;

/**
 * The one stream of a run: stamps each event with the time and hands it to every reader, in order. A
 * reader that throws changes nothing for the run or for the others: it hears nothing more, and a
 * warning tells of it.
 */
export interface EventBus {
  /** Returns the event as its readers have it. */
  emit(body: FleetEventBody): FleetEvent;
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void;
}

export function createEventBus(now: () => Date): EventBus {
  // Replaced, never changed: an event goes to those who listened when it came.
  let listeners: readonly Listener[] = [];
  const leave = (listener: Listener): void => {
    listeners = listeners.filter((other) => other !== listener);
  };
  const emit = (body: FleetEventBody): FleetEvent => {
    const event: FleetEvent = { at: now().toISOString(), ...body };
    const failures: unknown[] = [];
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        leave(listener);
        failures.push(error);
      }
    }
    for (const error of failures) {
      const why = reasonOf(error);
      emit({ type: 'warning', message: `a reader of the events has failed: ${why}` });
    }
    return event;
  };
  return {
    emit,
    subscribe(listener) {
      listeners = [...listeners, listener];
      return () => leave(listener);
    },
  };
}

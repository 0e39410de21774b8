import type { FleetEvent, FleetEventBody } from './event.js';

export type Listener = (event: FleetEvent) => void;

/** The one stream of a run: stamps each event with the time and hands it to every reader, in order. */
export interface EventBus {
  emit(body: FleetEventBody): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void;
}

export function createEventBus(now: () => Date): EventBus {
  const listeners = new Set<Listener>();
  return {
    emit(body) {
      const event: FleetEvent = { at: now().toISOString(), ...body };
      for (const listener of listeners) listener(event);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

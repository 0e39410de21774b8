import type { FleetEvent, FleetEventBody } from './event.js';

export type Listener = (event: FleetEvent) => void;

/**
 * The one stream of a run: stamps each event with the time and hands it to every reader, in order. A
 * reader that throws changes nothing for the run or for the others: it hears nothing more, and a
 * warning tells of it.
 */
export interface EventBus {
  emit(body: FleetEventBody): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void;
}

export function createEventBus(now: () => Date): EventBus {
  const listeners = new Set<Listener>();
  const emit = (body: FleetEventBody): void => {
    const event: FleetEvent = { at: now().toISOString(), ...body };
    const failures = [...listeners].flatMap((listener) => failureOf(listener, event));
    for (const { listener } of failures) listeners.delete(listener);
    for (const { why } of failures) {
      emit({ type: 'warning', message: `a reader of the events has failed: ${why}` });
    }
  };
  return {
    emit,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

interface ReaderFailure {
  readonly listener: Listener;
  readonly why: string;
}

function failureOf(listener: Listener, event: FleetEvent): readonly ReaderFailure[] {
  try {
    listener(event);
    return [];
  } catch (error) {
    return [{ listener, why: error instanceof Error ? error.message : String(error) }];
  }
}

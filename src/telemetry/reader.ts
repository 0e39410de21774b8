import type { Listener } from '../events/bus.js';

/** A reader of the events of one run. Whatever it does, the run goes on as without it. */
export interface TelemetryReader {
  readonly listener: Listener;
  /** Resolves when all is written or sent, or given up. Never rejects. */
  readonly close?: () => Promise<void>;
}

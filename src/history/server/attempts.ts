import { setTimeout as delay } from 'node:timers/promises';
import { FleetError } from '../../errors/fleet-error.js';
import { type HistoryServer, serverText } from '../../model/history/history-url.js';
import type { HistoryDeps } from '../store.js';
import { commonRemedy, type Fault, whyOf } from './fault.js';

/** How long a piece of work is tried again: a restart of the server lies within it. */
const PATIENCE_MS = 5_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

export interface Attempts {
  readonly server: HistoryServer;
  /** Makes the database ready; asked before the first piece of work, and again if it failed. */
  readonly prepare: () => Promise<void>;
  readonly faultOf: (error: unknown) => Fault;
  /** What a person can do about an error of this server. */
  readonly remedyOf: (error: unknown) => string | null;
}

/**
 * Does pieces of work that may be repeated, since every write is known by its stamp. After a lost connection, whether
 * the work was done is found out by doing it again. A server that never answered is not waited for. Throws
 * `history_unavailable` with the place of the server and a remedy.
 */
export function createAttempt(
  { server, prepare, faultOf, remedyOf }: Attempts,
  { random }: Pick<HistoryDeps, 'random'>,
): <T>(work: () => Promise<T>) => Promise<T> {
  let ready: Promise<void> | null = null;
  const prepared = async (): Promise<void> => {
    ready ??= prepare();
    try {
      await ready;
    } catch (error) {
      ready = null;
      throw error;
    }
  };
  let hasAnswered = false;
  return async (work) => {
    const end = performance.now() + PATIENCE_MS;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        await prepared();
        hasAnswered = true;
        return await work();
      } catch (error) {
        if (error instanceof FleetError) throw error;
        const fault = faultOf(error);
        const passes = fault === 'conflict' || (fault !== 'final' && hasAnswered);
        if (!passes || performance.now() > end) throw unavailable(server, error, remedyOf);
      }
      await delay(pause * (0.5 + random()));
    }
  };
}

function unavailable(
  server: HistoryServer,
  error: unknown,
  remedyOf: Attempts['remedyOf'],
): FleetError {
  const message = `the history in ${serverText(server)} cannot be used: ${whyOf(error)}`;
  const hint = remedyOf(error) ?? commonRemedy(error) ?? undefined;
  return new FleetError('history_unavailable', message, { cause: error, hint });
}

import { FleetError } from '../../errors/fleet-error.js';
import type { RunDetails, SharedDocument } from '../../history/store.js';
import type { App, HistoryLocation } from '../../model/runs/app.js';
import { logFolder } from '../../model/runs/history-log.js';
import type { Context } from '../context/context.js';
import { historyOf, useHistory } from './records.js';

/** Whether other bastions write the same history: it is on a server. */
export const isShared = (location: HistoryLocation): boolean =>
  location.kind === 'url' && logFolder(location.url) === null;

/** A run of any bastion: its record, and what its bastion shows of it. */
export interface SharedRun {
  readonly record: RunDetails;
  readonly documents: readonly SharedDocument[];
}

/** How long a command asks for a run of another bastion. */
const ASK_MS = 15_000;

/** By id, or the beginning of one. Throws `run_unknown` and `history_unavailable`. */
export function askForRun(
  context: Context,
  app: Pick<App, 'history'>,
  reference: string,
): Promise<SharedRun> {
  return useHistory(context, app, { ms: ASK_MS }, async (store) => {
    const record = await store.getRun(reference);
    return { record, documents: await store.getShared(record.run) };
  });
}

/** The first of these apps, if its history is shared. */
export function withSharedHistory<Found extends Pick<App, 'history'>>(
  context: Context,
  apps: readonly Found[] | undefined,
): Found | null {
  return apps?.find((app) => isShared(historyOf(context, app))) ?? null;
}

/** Null for a run that the history does not know; throws everything else. */
export function nullIfUnknown(error: unknown): null {
  if (error instanceof FleetError && error.code === 'run_unknown') return null;
  throw error;
}

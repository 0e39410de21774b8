import { rm } from 'node:fs/promises';
import { journalFolder } from '../../engine/journal/journal.js';
import { noteOwner } from '../../engine/journal/run-owner.js';
import type { RunId } from '../../model/names.js';

/**
 * Notes who holds hosts under this run id, for as long as `work` takes. If this process is killed, the note stays: it
 * shows the next recovery that the run is dead, so that it does not wait for leases.
 */
export async function withOwnerNote<Result>(
  stateDir: string,
  run: RunId,
  work: () => Promise<Result>,
): Promise<Result> {
  const folder = journalFolder(stateDir, run);
  noteOwner(folder);
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

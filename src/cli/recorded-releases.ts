import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../errors/reason.js';
import { openHistory } from '../history/open.js';
import type { App } from '../model/app.js';
import type { ReleaseMeta } from '../model/release.js';
import type { Context } from './context.js';

/** What this bastion's own history has of an app's releases, and why it has nothing, if that is so. */
export interface RecordedReleases {
  readonly releases: readonly ReleaseMeta[];
  readonly warnings: readonly string[];
}

/**
 * Reads the bastion's own word on releases, which outranks what hosts say of each other's. A history
 * that is not there is not begun, and one that cannot be read is no reason to stop.
 */
export async function recordedReleases(
  { stateDir, clock }: Context,
  { name, historyPath }: App,
): Promise<RecordedReleases> {
  const file = historyPath ?? join(stateDir, 'history.db');
  if (!existsSync(file)) return { releases: [], warnings: [] };
  try {
    const store = await openHistory(file, { now: clock.now, random: Math.random });
    try {
      const found = await store.listReleases(name);
      const releases = found.map(({ operator: deployer, ...each }) => ({ ...each, deployer }));
      return { releases, warnings: [] };
    } finally {
      await store.close();
    }
  } catch (error) {
    const why = reasonOf(error);
    return { releases: [], warnings: [`the history is not used: ${why}`] };
  }
}

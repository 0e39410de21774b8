import { join } from 'node:path';
import { findConfig, loadConfig } from '../config/fleet-file.js';
import { FleetError } from '../errors/fleet-error.js';
import { openHistory } from '../history/open.js';
import type { HistoryStore } from '../history/store.js';
import type { Context } from './context.js';
import type { CommonOptions } from './options.js';

/**
 * Opens the history that the nearest fleet.yaml names, or this bastion's own where there is no
 * fleet.yaml, for as long as `work` takes.
 */
export async function withHistory<Result>(
  context: Context,
  options: CommonOptions,
  work: (store: HistoryStore, app: string | undefined) => Promise<Result>,
): Promise<Result> {
  const app = await nearestApp(context, options);
  const file = app?.historyPath ?? join(context.stateDir, 'history.db');
  const store = await openHistory(file, { now: context.clock.now, random: Math.random });
  try {
    return await work(store, app?.name);
  } finally {
    await store.close();
  }
}

async function nearestApp(context: Context, options: CommonOptions) {
  try {
    const file = await findConfig(context.cwd, options.config, context.env);
    return (await loadConfig(file, { home: context.home, cwd: context.cwd })).app;
  } catch (error) {
    const none = error instanceof FleetError && error.code === 'config_not_found';
    if (none && options.config === undefined) return undefined;
    throw error;
  }
}

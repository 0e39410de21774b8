import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findConfig, loadConfigs } from '../../config/fleet/file.js';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import { openHistory } from '../../history/open.js';
import type { HistoryStore } from '../../history/store.js';
import type { ReleaseMeta } from '../../model/releases/release.js';
import type { App, HistoryLocation } from '../../model/runs/app.js';
import { chooseApps } from '../context/choose-app.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import { readSecret } from '../context/secrets.js';

/** Opens the history of an app; without an app, or if it names none, this bastion's own. */
export async function openAppHistory(
  context: Context,
  app: Pick<App, 'history'> | undefined,
): Promise<HistoryStore> {
  const { clock, random } = context;
  const location = await withSecrets(context, historyOf(context, app));
  return openHistory(location, { now: clock.now, random });
}

/** Throws `secret_unavailable`. */
async function withSecrets(context: Context, location: HistoryLocation): Promise<HistoryLocation> {
  const isReference = location.kind === 'url' && /^(env|file):/.test(location.url);
  return isReference ? { kind: 'url', url: await readSecret(context, location.url) } : location;
}

/**
 * Opens the history that the nearest fleet.yaml names, or this bastion's own without a
 * fleet.yaml, for as long as `work` takes.
 */
export async function withHistory<Result>(
  context: Context,
  options: CommonOptions,
  work: (store: HistoryStore, apps: readonly string[] | undefined) => Promise<Result>,
): Promise<Result> {
  const apps = await nearestApps(context, options);
  const store = await openAppHistory(context, apps?.[0]);
  try {
    return await work(
      store,
      apps?.map(({ name }) => name),
    );
  } finally {
    await store.close();
  }
}

/** What this bastion's own history has of an app's releases, or why it has nothing. */
export interface RecordedReleases {
  readonly releases: readonly ReleaseMeta[];
  readonly warnings: readonly string[];
}

/**
 * Reads the bastion's own record of releases, which outranks what hosts report. A missing history is
 * not created, and one that cannot be read does not stop the command.
 */
export async function recordedReleases(context: Context, app: App): Promise<RecordedReleases> {
  const location = historyOf(context, app);
  if (location.kind === 'sqlite' && !existsSync(location.path)) {
    return { releases: [], warnings: [] };
  }
  try {
    const store = await openAppHistory(context, app);
    try {
      const found = await store.listReleases(app.name);
      const releases = found.map(({ operator: deployer, ...each }) => ({ ...each, deployer }));
      return { releases, warnings: [] };
    } finally {
      await store.close();
    }
  } catch (error) {
    return { releases: [], warnings: [`the history is not used: ${reasonOf(error)}`] };
  }
}

/** The one place that knows where this bastion's own history is. */
function historyOf({ stateDir }: Context, app: Pick<App, 'history'> | undefined): HistoryLocation {
  return app?.history ?? { kind: 'sqlite', path: join(stateDir, 'history.db') };
}

/** The chosen apps of the nearest fleet.yaml, which have one history. */
async function nearestApps(context: Context, options: CommonOptions) {
  try {
    const file = await findConfig(context.cwd, options.config, context.env);
    const configs = await loadConfigs(file, { home: context.home, cwd: context.cwd });
    return chooseApps(context, options, configs).map(({ app }) => app);
  } catch (error) {
    const none = error instanceof FleetError && error.code === 'config_not_found';
    if (none && options.config === undefined) return undefined;
    throw error;
  }
}

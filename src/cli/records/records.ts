import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withinTime } from '../../async/within-time.js';
import { findConfig, loadConfigs } from '../../config/fleet/file.js';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import { openHistory } from '../../history/open.js';
import type { HistoryStore } from '../../history/store.js';
import { logLocation, OWN_LOG } from '../../model/history/history-log.js';
import type { ReleaseMeta } from '../../model/releases/release.js';
import type { App, HistoryLocation } from '../../model/runs/app.js';
import { countText } from '../../model/text/count-text.js';
import { chooseApps } from '../context/choose-app.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import { printWarning } from '../context/output.js';
import { readSecret } from '../context/secrets.js';
import { catchUp, pendingRuns } from './catch-up.js';
import { historyKey } from './sync-marks.js';

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

/** How long a command may take for its work with the history, and what ends that sooner. */
export interface HistoryLimit {
  readonly ms: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the history of an app for as long as `work` takes, which gets a signal that aborts when the time is up. Rejects
 * then, whatever the store does.
 */
export function useHistory<Result>(
  context: Context,
  app: Pick<App, 'history'> | undefined,
  { ms, signal: outer }: HistoryLimit,
  work: (store: HistoryStore, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return withinTime(
    ms,
    async (signal) => {
      const store = await openAppHistory(context, app);
      try {
        signal.throwIfAborted();
        return await work(store, signal);
      } finally {
        await closeSoon(store);
      }
    },
    outer,
  );
}

/** What was written is written, and what was read is read. */
const closeSoon = (store: HistoryStore): Promise<void> =>
  withinTime(CLOSE_MS, () => store.close()).catch(() => undefined);

const CLOSE_MS = 500;

/** The history that the nearest fleet.yaml names, or this bastion's own without a fleet.yaml. */
export interface NearestHistory {
  readonly store: HistoryStore;
  /** {@link historyKey} */
  readonly key: string;
  /** The chosen apps; undefined without a fleet.yaml. */
  readonly apps: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** Opens the nearest history for as long as `work` takes. */
export async function useNearestHistory<Result>(
  context: Context,
  options: CommonOptions,
  work: (nearest: NearestHistory) => Promise<Result>,
): Promise<Result> {
  const found = await nearestApps(context, options);
  const apps = found?.map(({ name }) => name);
  const key = historyKey(historyOf(context, found?.[0]));
  return useHistory(context, found?.[0], { ms: COMMAND_MS }, (store, signal) =>
    work({ store, key, apps, signal }),
  );
}

/** As {@link useNearestHistory}, after it has written what the history lacks of earlier runs of this bastion. */
export function withHistory<Result>(
  context: Context,
  options: CommonOptions,
  work: (store: HistoryStore, apps: readonly string[] | undefined) => Promise<Result>,
): Promise<Result> {
  return useNearestHistory(context, options, async ({ store, key, apps }) => {
    await catchUpFirst(context, store, key);
    return work(store, apps);
  });
}

/** What cannot be written now is no reason to show nothing. */
async function catchUpFirst(context: Context, store: HistoryStore, history: string): Promise<void> {
  const pending = pendingRuns(context, history);
  if (pending.length === 0) return;
  try {
    const written = await withinTime(CATCH_UP_MS, (signal) =>
      catchUp(context, pending, { store, signal }),
    );
    for (const { run, detail } of written) {
      context.stderr.write(`The history lacked ${detail} of run ${run}; it has it now.\n`);
    }
  } catch (error) {
    const runs = countText(pending.length, 'run');
    const why = reasonOf(error);
    printWarning(
      context,
      `the history lacks something of ${runs}: ${why}; to try again: fleet history sync`,
    );
  }
}

/** How long a command for the history may take in all; its store has limits of its own for each answer. */
const COMMAND_MS = 3_600_000;

/** How long a command that shows the history first writes into it. */
const CATCH_UP_MS = 5_000;

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
    const found = await useHistory(context, app, { ms: RELEASES_MS }, (store) =>
      store.listReleases(app.name),
    );
    const releases = found.map(({ operator: deployer, ...each }) => ({ ...each, deployer }));
    return { releases, warnings: [] };
  } catch (error) {
    return { releases: [], warnings: [`the history is not used: ${reasonOf(error)}`] };
  }
}

/** A plan that asks for releases does not wait longer for the history. */
const RELEASES_MS = 2_000;

/** The one place that knows where this bastion's own history is. */
export function historyOf(
  { stateDir }: Context,
  app: Pick<App, 'history'> | undefined,
): HistoryLocation {
  const location = app?.history ?? { kind: 'sqlite', path: join(stateDir, 'history.db') };
  const isOwnLog = location.kind === 'url' && location.url === OWN_LOG;
  return isOwnLog ? logLocation(join(stateDir, 'history')) : location;
}

/** An app of a kept plan, with the history that fleet.yaml names now: a plan keeps no user and no password of a URL. */
export async function withHistoryNow(
  context: Context,
  options: CommonOptions,
  app: App,
): Promise<App> {
  const apps = await nearestApps(context, { ...options, app: app.name }).catch(() => undefined);
  const now = apps?.find(({ name }) => name === app.name);
  return now === undefined ? app : { ...app, history: now.history };
}

/** The chosen apps of the nearest fleet.yaml, which have one history; undefined without a fleet.yaml. */
export async function nearestApps(context: Context, options: CommonOptions) {
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

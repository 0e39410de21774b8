import { join } from 'node:path';
import { findConfig, loadConfigs } from '../../config/fleet/file.js';
import { ownersOf, refuseForeignApprovals } from '../../config/paths/owners.js';
import { createFileApprovals } from '../../engine/approval/file-store.js';
import type { ApprovalState, ApprovalStore } from '../../engine/approval/store.js';
import { FleetError } from '../../errors/fleet-error.js';
import { sharingGroup } from '../../files/shared-folder.js';
import type { RunId } from '../../model/names.js';
import type { App } from '../../model/runs/app.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';

/** Where the plans of an app wait for approval. Throws `untrusted_file` if another user could change them. */
export async function openApprovals(
  context: Context,
  app: Pick<App, 'approvals'> | undefined,
): Promise<ApprovalStore> {
  const folder = app?.approvals?.dir ?? join(context.stateDir, 'approvals');
  await refuseForeignApprovals(folder, ownersOf(context.env));
  return createFileApprovals(folder, () => context.randomHex(8));
}

/** Whether other accounts can read what waits there. */
export const isShared = ({ where }: ApprovalStore): boolean => sharingGroup(where) !== null;

/** Every place that the nearest fleet.yaml names; without one, the place of this state folder. */
export async function nearestApprovals(
  context: Context,
  options: CommonOptions,
): Promise<readonly ApprovalStore[]> {
  const apps = await nearestApps(context, options);
  const stores = await Promise.all(apps.map((app) => openApprovals(context, app)));
  return [...new Map(stores.map((store) => [store.where, store])).values()];
}

async function nearestApps(context: Context, options: CommonOptions) {
  try {
    const file = await findConfig(context.cwd, options.config, context.env);
    return (await loadConfigs(file, context)).map(({ app }) => app);
  } catch (error) {
    const none = error instanceof FleetError && error.code === 'config_not_found';
    if (none && options.config === undefined) return [undefined];
    throw error;
  }
}

/** A plan that waits, or waited, and where. */
export interface FoundApproval {
  readonly store: ApprovalStore;
  readonly state: ApprovalState;
}

/** The one that an id, or the beginning of one, names. Throws `approval_unknown`. */
export async function findApproval(
  stores: readonly ApprovalStore[],
  reference: string,
): Promise<FoundApproval> {
  const all = await Promise.all(stores.map(async (store) => ({ store, runs: await store.list() })));
  const matching = all.flatMap(({ store, runs }) =>
    runs.filter((run) => run.startsWith(reference)).map((run) => ({ store, run })),
  );
  const found = matching.find(({ run }) => run === reference) ?? matching[0];
  if (found === undefined || reference === '') throw unknown(stores, reference);
  if (found.run !== reference && matching.length > 1) throw ambiguous(reference, matching);
  const state = await found.store.find(found.run);
  if (state === null) throw unknown(stores, reference);
  return { store: found.store, state };
}

function unknown(stores: readonly ApprovalStore[], reference: string): FleetError {
  const where = stores.map((store) => store.where).join(', ');
  return new FleetError('approval_unknown', `no run ${reference} waits for approval in ${where}`, {
    hint: 'fleet approve lists those that wait; both people need the same approvals.dir in fleet.yaml',
  });
}

function ambiguous(reference: string, matching: readonly { readonly run: RunId }[]): FleetError {
  return new FleetError('approval_unknown', `${reference} matches several runs; type more of it`, {
    problems: matching.slice(0, 10).map(({ run }) => ({ message: run })),
  });
}

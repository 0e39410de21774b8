import type { HostFailure } from '../../errors/host-failure.js';
import { readUndeletable } from '../../host/reply/facts.js';
import { pruneSteps } from '../../host/steps/steps.js';
import type { HostName, ReleaseId } from '../../model/names.js';
import { releasesToPrune } from '../../model/releases/choose/retention.js';
import { isForeign } from '../../model/releases/release.js';
import type { App } from '../../model/runs/app.js';
import type { ReadHost } from '../reading/host-reading.js';
import { undeletableText } from '../reading/undeletable.js';
import { type HeldWork, workOnHeld } from './held-host.js';

const PRUNE_TIMEOUT_MS = 600_000;

/** What would be deleted on a host. */
export interface Prunable {
  readonly read: ReadHost;
  readonly remove: readonly ReleaseId[];
}

/** Every host with the releases that are beyond `keep` and `keep_for`. What is current, or may be needed, is not. */
export function findPrunable(
  reads: readonly ReadHost[],
  { release: { keep, keepForMs } }: App,
  now: Date,
): readonly Prunable[] {
  return reads.map((read) => {
    const { current, from, to, releases } = read.facts;
    const linked = current.kind === 'link' ? [current.release] : [];
    const protectedIds = [...linked, from, to].filter((id) => id !== null);
    const own = releases.filter(({ meta }) => !isForeign(meta));
    return { read, remove: releasesToPrune(own, { keep, keepForMs, now, protectedIds }) };
  });
}

export interface Pruned {
  readonly host: HostName;
  readonly removed: readonly ReleaseId[];
  readonly failure: HostFailure | null;
  /** What could not be deleted, and why. */
  readonly warnings: readonly string[];
}

/** Deletes them, and old backups with them. The hosts keep what is in use. */
export async function pruneReleases(
  prunable: readonly Prunable[],
  { app, work }: { readonly app: App; readonly work: HeldWork },
): Promise<readonly Pruned[]> {
  return Promise.all(
    prunable.map(async ({ read, remove }, index) => {
      const { failure, events } = await workOnHeld(read, index, {
        work,
        calls: (by) =>
          pruneSteps(by, remove, app.backup?.keep ?? null).map((step) => ({
            steps: [step],
            timeoutMs: PRUNE_TIMEOUT_MS,
          })),
      });
      const { host } = read;
      const place = { root: app.root, user: host.ssh.user, old: remove };
      const stuck = readUndeletable(events);
      const kept = events.flatMap((event) => (event.event === 'note' ? [event.message] : []));
      const warnings = [...stuck.map((each) => undeletableText(each, place)), ...kept];
      const stays = (id: string): boolean =>
        stuck.some(({ path }) => path === `releases/${id}`) ||
        kept.some((message) => message.startsWith(`kept release ${id}:`));
      const removed = failure === null ? remove.filter((id) => !stays(id)) : [];
      return { host: host.name, removed, failure, warnings };
    }),
  );
}

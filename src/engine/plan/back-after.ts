import { FleetError } from '../../errors/fleet-error.js';
import { heldBy } from '../../host/reply/facts.js';
import type { ReleaseId } from '../../model/names.js';
import { earlierOf } from '../../model/releases/choose/earlier.js';
import type { HostReleases, KnownRelease } from '../../model/releases/choose/known-release.js';
import { pickRollbackTarget } from '../../model/releases/choose/rollback-target.js';
import type { ReleaseMeta } from '../../model/releases/release.js';
import type { RunKind } from '../../model/run-kind.js';
import type { HostPlan } from '../../model/runs/plan.js';
import type { ReadHost } from '../reading/host-reading.js';

/** A run that is being planned. */
interface Intent {
  readonly kind: RunKind;
  readonly release: ReleaseMeta;
  readonly hosts: readonly ReadHost[];
  readonly recorded?: readonly ReleaseMeta[] | undefined;
}

/**
 * The release that `fleet rollback` would go to after the whole run has succeeded. It uses the same
 * function as that command. Null if the command would refuse.
 */
export function backAfter(intent: Intent, plans: readonly HostPlan[]): ReleaseId | null {
  const planOf = new Map(plans.map((plan) => [plan.host.name, plan]));
  const hosts = intent.hosts.map((read) => {
    const plan = planOf.get(read.host.name);
    return plan === undefined ? heldBy(read) : afterwards(heldBy(read), plan, intent);
  });
  const { recorded = [] } = intent;
  try {
    return pickRollbackTarget(hosts, { reference: null, force: false, recorded }).release.id;
  } catch (error) {
    if (error instanceof FleetError) return null;
    throw error;
  }
}

function afterwards(
  { host, releases }: HostReleases,
  { from, to, earlier, prune }: HostPlan,
  { kind, release }: Intent,
): HostReleases {
  const gone = new Set<ReleaseId>([...prune, to]);
  const known = releases.find(({ id }) => id === to);
  const meta = known?.meta ?? release;
  const confirmed: KnownRelease = { id: to, standing: 'healthy', complete: true, meta };
  return {
    host,
    current: to,
    releases: [...releases.filter(({ id }) => !gone.has(id)), confirmed],
    earlier: earlierOf({ current: to, from, to, earlier, kind }),
  };
}

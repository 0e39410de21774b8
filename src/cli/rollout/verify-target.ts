import { driftWarnings, refuseDrifted } from '../../engine/preflight/drifted.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Session } from '../session/session.js';

/**
 * Compares the release of a plan with its manifest on every host that has it already. Throws a refusal that names
 * host and file, unless the plan goes there all the same (no `check`). Returns warnings.
 */
export async function verifyTarget(
  { fleet, interrupts }: Session,
  plan: Plan,
): Promise<readonly string[]> {
  const hosts = plan.hosts.filter(({ upload, done }) => !upload && !done).map(({ host }) => host);
  if (hosts.length === 0) return [];
  const compared = { kind: 'release', id: plan.release.id } as const;
  const check = plan.check ?? 'stamp';
  const found = await fleet.compare({ hosts, compared, check }, interrupts.interrupt);
  return plan.check === undefined ? driftWarnings(plan, found) : refuseDrifted(plan, found);
}

import { driftWarnings, refuseDrifted } from '../../engine/preflight/drifted.js';
import type { ComparedHost } from '../../engine/reading/compare-releases.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import type { Glanced } from '../../host/steps/compare-step.js';
import type { HostName } from '../../model/names.js';
import { asReleaseId, isReleaseId } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Session } from '../session/session.js';

/**
 * Compares the release of a plan with its manifest on every host that has it already. A host that has glanced at it
 * while it was read is not asked again. Throws a refusal that names host and file, unless the plan goes there all the
 * same (no `check`). Returns warnings.
 */
export async function verifyTarget(
  { fleet, interrupts }: Session,
  plan: Plan,
  surveys: readonly HostReading[],
): Promise<readonly string[]> {
  const hosts = plan.hosts.filter(({ upload, done }) => !upload && !done).map(({ host }) => host);
  if (hosts.length === 0) return [];
  const seen = new Map(surveys.flatMap((survey) => glanceOf(survey, plan)));
  const unseen = hosts.filter(({ name }) => !seen.has(name));
  const compared = { kind: 'release', id: plan.release.id } as const;
  const check = plan.check ?? 'stamp';
  const asked = await fleet.compare({ hosts: unseen, compared, check }, interrupts.interrupt);
  const found = hosts.flatMap(
    ({ name }) => seen.get(name) ?? asked.filter(({ host }) => host === name),
  );
  return plan.check === undefined ? driftWarnings(plan, found) : refuseDrifted(plan, found);
}

/** What hosts are asked to glance at while they are read for a rollback; nothing if it takes their contents. */
export function glancedFor(request: {
  readonly to: string | undefined;
  readonly verify: boolean;
}): Glanced | undefined {
  if (request.verify) return undefined;
  if (request.to === undefined) return 'before';
  return isReleaseId(request.to) ? asReleaseId(request.to) : undefined;
}

function glanceOf(survey: HostReading, plan: Plan): readonly (readonly [HostName, ComparedHost])[] {
  if (survey.kind === 'failed' || plan.check === 'content') return [];
  const host = survey.host.name;
  const drifts = survey.drifts?.filter(({ release }) => release === plan.release.id) ?? [];
  return drifts.length === 0 ? [] : [[host, { kind: 'read', host, drifts }]];
}

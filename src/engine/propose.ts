import type { PreparedRelease } from '../artifact/prepare.js';
import { FleetError } from '../errors/fleet-error.js';
import type { App } from '../model/app.js';
import { namesText } from '../model/name-ranges.js';
import type { RunId } from '../model/names.js';
import type { Plan } from '../model/plan.js';
import type { ReleaseMeta } from '../model/release.js';
import { pickRollbackTarget } from '../model/rollback-target.js';
import { type HostSurvey, type Reached, reachedHosts } from './admit.js';
import { currentOf, draftPlan } from './draft.js';
import { refuseUnfit } from './refuse.js';

/** Who wants a run, and what is known before any host is asked. */
export interface Proposal {
  readonly run: RunId;
  readonly app: App;
  readonly group: string;
  readonly operator: string;
  readonly now: Date;
  readonly surveys: readonly HostSurvey[];
}

/** A plan, and what a person should know before agreeing to it. */
export interface Proposed {
  readonly plan: Plan;
  readonly warnings: readonly string[];
}

/**
 * The plan of a deploy. Content that the hosts have already, under an id that was never bad, keeps
 * that id, so that a deploy done twice sends nothing and names one release. Throws a refusal.
 */
export function proposeDeploy(
  proposal: Proposal,
  prepared: PreparedRelease,
  idIsGiven: boolean,
): Proposed {
  const { app, run, operator, now } = proposal;
  const reached = reachedHosts(proposal.surveys, app.policy.tolerateUnreachable);
  const made: ReleaseMeta = {
    ...prepared.release,
    app: app.name,
    run,
    deployer: operator,
    deployedAt: now.toISOString(),
  };
  const known = knownAs(reached, made, idIsGiven);
  refuseImpostor(reached, made);
  const release = known ?? made;
  refuseUnfit(reached.hosts, {
    app,
    release,
    diskBytes: prepared.bytes + prepared.unpackedBytes,
  });
  const { bytes: uploadBytes } = prepared;
  const plan = draftPlan({ ...proposal, ...reached, kind: 'deploy', release, uploadBytes });
  return { plan, warnings: backToBad(reached) };
}

/** The plan of a rollback to `reference`, or to the last healthy release before this one. */
export function proposeRollback(
  proposal: Proposal,
  reference: string | null,
  force: boolean,
): Proposed {
  const { app } = proposal;
  const reached = reachedHosts(proposal.surveys, app.policy.tolerateUnreachable);
  const held = reached.hosts.map(({ host, facts }) => ({
    host: host.name,
    current: currentOf(facts),
    releases: facts.releases,
  }));
  const { release, forcedOn } = pickRollbackTarget(held, reference, force);
  refuseUnfit(reached.hosts, { app, release, diskBytes: 0 });
  const plan = draftPlan({ ...proposal, ...reached, kind: 'rollback', release, uploadBytes: 0 });
  const forced =
    forcedOn.length === 0
      ? []
      : [`${release.id} is not known as healthy on ${forcedOn.length} hosts; --force overrides`];
  return { plan, warnings: [...forced, ...backToBad(reached)] };
}

/** A host goes back to what it had, whatever that was worth. */
function backToBad({ hosts }: Reached): readonly string[] {
  const names = hosts
    .filter(({ facts }) =>
      facts.releases.some(({ id, standing }) => id === currentOf(facts) && standing === 'bad'),
    )
    .map(({ host }) => host.name);
  if (names.length === 0) return [];
  return [
    `${namesText(names)}: on a release that was found bad, to which a failure would lead back`,
  ];
}

/** The newest release on the hosts with the same content and commit, unless it was ever bad. */
function knownAs(reached: Reached, made: ReleaseMeta, idIsGiven: boolean): ReleaseMeta | null {
  if (idIsGiven) return null;
  const same = reached.hosts
    .flatMap(({ facts }) => facts.releases)
    .filter(({ meta }) => meta.digest === made.digest && meta.commit === made.commit);
  const bad = new Set(same.filter(({ standing }) => standing === 'bad').map(({ id }) => id));
  const usable = same.filter(({ id, complete }) => complete && !bad.has(id));
  return usable.toSorted((a, b) => (a.id < b.id ? 1 : -1))[0]?.meta ?? null;
}

/** An id names one content for ever: the same id with another digest is refused. */
function refuseImpostor(reached: Reached, made: ReleaseMeta): void {
  for (const { host, facts } of reached.hosts) {
    const other = facts.releases.find(
      ({ id, meta }) => id === made.id && meta.digest !== made.digest,
    );
    if (other === undefined) continue;
    throw new FleetError(
      'release_exists',
      `${host.name} has a release ${made.id} with other content`,
      { hint: 'a release never changes: choose another --release id' },
    );
  }
}

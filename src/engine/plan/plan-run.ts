import { FleetError } from '../../errors/fleet-error.js';
import { currentOf, heldBy } from '../../host/reply/facts.js';
import type { HostName } from '../../model/names.js';
import { accountsOf, differenceText } from '../../model/releases/choose/agreement.js';
import { doubtedIds, knownContent } from '../../model/releases/choose/known-content.js';
import type { HostReleases } from '../../model/releases/choose/known-release.js';
import type { Retype } from '../../model/releases/choose/retype.js';
import { pickRollbackTarget } from '../../model/releases/choose/rollback-target.js';
import type { DriftCheck } from '../../model/releases/drift.js';
import type { Release, ReleaseMeta } from '../../model/releases/release.js';
import type { RenderedUnits } from '../../model/releases/unit-file.js';
import type { Delta, Plan } from '../../model/runs/plan.js';
import { namesText } from '../../model/text/name-ranges.js';
import { type Reached, reachedHosts, refuseUnfit } from '../preflight/admission.js';
import { planUnitWarnings } from '../preflight/unit-warnings.js';
import type { HostReading } from '../reading/host-reading.js';
import { buildPlan, type PlanHead } from './build-plan.js';
import { restoreWarnings, withRestores } from './restores.js';

/** Who asks for a run, and what its hosts and this bastion say. */
export interface Proposal extends PlanHead {
  readonly surveys: readonly HostReading[];
  /** What this bastion's own history has of the app's releases. */
  readonly recorded?: readonly ReleaseMeta[] | undefined;
  /** The unit files that the release brings to each host. */
  readonly units?: RenderedUnits | undefined;
  /** How to type the command that a refusal names. */
  readonly retype?: Retype | undefined;
  /** A rollback restores what each host had when it last ran the target. */
  readonly restoreBackup?: boolean | undefined;
  /** How hosts compare a release that they have already with its manifest. */
  readonly check?: DriftCheck | undefined;
}

/** A plan, and what a person needs to know before they confirm it. */
export interface Proposed {
  readonly plan: Plan;
  readonly warnings: readonly string[];
}

/** What a deploy sends. */
export interface Sent {
  /** The release that was packed, under the id that it gets if its content has none. */
  readonly release: Release;
  /** The whole, packed; 0 if no host needs it. */
  readonly bytes: number;
  readonly unpackedBytes: number;
  readonly contentBytes?: number | undefined;
  readonly deltas?: ReadonlyMap<HostName, Delta> | undefined;
  /** The most that a host needs on its disk, if that is not both together. */
  readonly diskBytes?: number | undefined;
  /** How many files and folders it has. */
  readonly inodes?: number | undefined;
}

/** The record of the release that a deploy would bring: content that has an id keeps it. */
export function releaseToDeploy(
  proposal: Proposal,
  made: Release,
  idIsGiven: boolean,
): ReleaseMeta {
  const { app, surveys, recorded = [] } = proposal;
  const hosts = reachedHosts(surveys, app.policy.tolerateUnreachable).hosts.map(heldBy);
  const known = knownContent(made, { hosts, recorded, wanted: idIsGiven ? made.id : null });
  const release: ReleaseMeta = { ...made, ...ownMeta(proposal) };
  return known === null ? release : { ...release, id: known.id, version: known.version };
}

/**
 * The plan of a deploy. Content that the hosts have already, under an id that was never bad, keeps
 * that id, so that the same deploy twice sends nothing and names one release. All other fields of the
 * release are of this run. Throws a refusal.
 */
export function proposeDeploy(proposal: Proposal, sent: Sent, idIsGiven: boolean): Proposed {
  const { app } = proposal;
  const reached = reachedHosts(proposal.surveys, app.policy.tolerateUnreachable);
  const release = releaseToDeploy(proposal, sent.release, idIsGiven);
  const { bytes: uploadBytes, unpackedBytes, contentBytes, deltas, inodes } = sent;
  const diskBytes = sent.diskBytes ?? uploadBytes + unpackedBytes;
  refuseUnfit(reached, { app, release, diskBytes, inodes });
  refuseImpostor(reached, release);
  const upload = { uploadBytes, contentBytes, deltas };
  const plan = buildPlan({ ...proposal, ...reached, ...upload, kind: 'deploy', release });
  return {
    plan,
    warnings: [
      ...doubts(reached.hosts.map(heldBy), sent.release),
      ...backToBad(reached),
      ...planUnitWarnings(reached.hosts, app),
    ],
  };
}

/** The plan of a rollback to `reference`, or to the last healthy release before this one. */
export function proposeRollback(
  proposal: Proposal,
  reference: string | null,
  force: boolean,
): Proposed {
  const { app } = proposal;
  const reached = reachedHosts(proposal.surveys, app.policy.tolerateUnreachable);
  const { recorded = [] } = proposal;
  refuseUnfit(reached, { app, diskBytes: 0 });
  const target = pickRollbackTarget(reached.hosts.map(heldBy), {
    reference,
    force,
    recorded,
    retype: proposal.retype,
  });
  const { forcedOn } = target;
  const release = { ...ownMeta(proposal), ...target.origin, ...target.release };
  const check = force ? null : proposal.check;
  const kind = 'rollback';
  const built = buildPlan({ ...proposal, ...reached, kind, release, uploadBytes: 0, check });
  const plan = proposal.restoreBackup === true ? withRestores(built, reached.hosts) : built;
  const forced =
    forcedOn.length === 0
      ? []
      : [`${release.id} is not known as healthy on ${forcedOn.length} hosts; --force overrides`];
  const warnings = [
    ...forced,
    ...backToBad(reached),
    ...restoreWarnings(plan, reached.hosts),
    ...planUnitWarnings(reached.hosts, app),
  ];
  return { plan, warnings };
}

/** A rollback returns a host to what it had, even if that was bad: warn of it. */
function backToBad({ hosts }: Reached): readonly string[] {
  const names = hosts
    .filter(({ facts }) =>
      facts.releases.some(({ id, standing }) => id === currentOf(facts) && standing === 'bad'),
    )
    .map(({ host }) => host.name);
  if (names.length === 0) return [];
  return [`${namesText(names)}: on a release marked bad; a failed run would return to it`];
}

/** The record of a release of which nothing else is known. */
function ownMeta({ app, run, operator, now }: Proposal): Omit<ReleaseMeta, keyof Release> {
  return { app: app.name, run, deployer: operator, deployedAt: now.toISOString() };
}

/** Warns that a host has this content under another id than the others. */
function doubts(hosts: readonly HostReleases[], made: Release): readonly string[] {
  const accounts = accountsOf(hosts);
  return doubtedIds(made, accounts).map(
    (id) => `the hosts do not agree on what ${id} is: ${differenceText(accounts, id)}`,
  );
}

/** An id names one content and one commit forever: a host with another one under it is refused. */
function refuseImpostor(reached: Reached, { id, digest, commit }: ReleaseMeta): void {
  for (const { host, facts } of reached.hosts) {
    const there = facts.releases.find((known) => known.id === id)?.meta;
    if (there === undefined || (there.digest === digest && there.commit === commit)) continue;
    const other = there.digest === digest ? 'of another commit' : 'with other content';
    throw new FleetError('release_exists', `${host.name} has a release ${id} ${other}`, {
      hint: 'a release never changes: choose another --release id',
    });
  }
}

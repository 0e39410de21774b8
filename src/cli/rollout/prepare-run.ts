import type { SourceBuild } from '../../artifact/build/run-build.js';
import { type ReadRelease, readRelease } from '../../artifact/prepare.js';
import { parseReleaseSource } from '../../config/fleet/release-source.js';
import { unitFilesFor } from '../../config/fleet/unit-templates.js';
import type { SettledHook } from '../../engine/hooks/settle-hooks.js';
import type { PlanHead } from '../../engine/plan/build-plan.js';
import {
  type Proposed,
  proposeDeploy,
  proposeRollback,
  releaseToDeploy,
  type Sent,
} from '../../engine/plan/plan-run.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import { bareUrl } from '../../errors/bare-url.js';
import { FleetError } from '../../errors/fleet-error.js';
import { agreedOrigin } from '../../model/releases/choose/agreement.js';
import type { Retype } from '../../model/releases/choose/retype.js';
import type { RenderedUnits } from '../../model/releases/unit-file.js';
import type { App, ReleaseSource } from '../../model/runs/app.js';
import type { Policy } from '../../model/runs/policy.js';
import { groupBy } from '../../model/text/group-by.js';
import type { SurveyOptions } from '../connect/fleet-link.js';
import { workFolder } from '../context/work-folder.js';
import { type RecordedReleases, recordedReleases } from '../records/records.js';
import { readFreeHosts, readHosts } from '../recovery/free-hosts.js';
import { withOptions } from '../session/run-options.js';
import type { Session } from '../session/session.js';
import { buildOf, whileBuilding } from './build.js';
import { packUploads, type Uploads } from './uploads.js';
import { glancedFor, verifyTarget } from './verify-target.js';

/** What a deploy or a rollback was asked to do. */
export type RolloutRequest =
  | {
      readonly kind: 'deploy';
      readonly from: string | undefined;
      readonly id: string | undefined;
      /** False for `--no-build`. */
      readonly build: boolean;
    }
  | {
      readonly kind: 'rollback';
      readonly to: string | undefined;
      readonly force: boolean;
      readonly allAtOnce: boolean;
      readonly restoreBackup: boolean;
      /** Whether all contents of the release are read again on each host. */
      readonly verify: boolean;
    };

/** A plan with what carries it out. */
export interface PreparedRun extends Proposed {
  /** Null if no host needs anything. */
  readonly uploads: Uploads | null;
  /** What a person has said of hooks that were interrupted. */
  readonly settledHooks?: readonly SettledHook[];
  /** Whose run it was until now; absent for one that begins. */
  readonly takenFrom?: string | undefined;
}

/** The plan of what was asked, from what every host says now, and the packed release. */
export function prepareRun(
  session: Session,
  request: RolloutRequest,
  { retype, projectDir }: { readonly retype: Retype; readonly projectDir: string },
): Promise<PreparedRun> {
  return request.kind === 'rollback'
    ? prepareRollback(session, request, retype)
    : prepareDeploy(session, request, projectDir);
}

type RequestOf<Kind> = Extract<RolloutRequest, { readonly kind: Kind }>;

async function prepareRollback(
  session: Session,
  request: RequestOf<'rollback'>,
  retype: Retype,
): Promise<PreparedRun> {
  const glanced = glancedFor(request);
  const backups = request.restoreBackup;
  const surveys = await readFree(session, { backups, kept: true, glanced });
  return planRollback(session, { ...request, surveys }, retype);
}

/** The plan of a rollback, from what the hosts say. */
export async function planRollback(
  session: Session,
  { surveys, ...request }: Omit<RequestOf<'rollback'>, 'kind'> & Pick<Gathered, 'surveys'>,
  retype?: Retype,
): Promise<PreparedRun> {
  const { app } = session.target;
  const recorded =
    request.to === undefined || differInOrigin(surveys)
      ? await recordedReleases(session.context, app)
      : NOTHING_RECORDED;
  const wanted = {
    ...headOf(session),
    surveys,
    recorded: recorded.releases,
    app: {
      ...(request.allAtOnce ? withOptions(allAtOnce(app), session.options) : app),
      build: null,
    },
    retype,
    restoreBackup: request.restoreBackup,
    check: request.verify ? ('content' as const) : ('stamp' as const),
  };
  const { plan, warnings } = proposeRollback(wanted, request.to ?? null, request.force);
  const found = await verifyTarget(session, plan, surveys);
  return { plan, uploads: null, warnings: [...recorded.warnings, ...warnings, ...found] };
}

/** Reading the history costs as much as reading a host; it is not needed if all hosts report the same. */
function differInOrigin(surveys: readonly HostReading[]): boolean {
  const held = surveys.flatMap((each) => (each.kind === 'read' ? each.facts.releases : []));
  const alike = groupBy(held, ({ id }) => id);
  return alike.some((same) => agreedOrigin(same.map(({ meta }) => meta)) === null);
}

async function prepareDeploy(
  session: Session,
  request: RequestOf<'deploy'>,
  projectDir: string,
): Promise<PreparedRun> {
  const { from, id, build: wanted } = request;
  const source = releaseSource(session, from);
  const build = buildOf(session, source, {
    projectDir,
    wanted,
    isTyped: from !== undefined,
    configured: session.target.app.release.from,
  });
  const gathered = await gather(session, { source, id, build });
  return planDeploy(session, gathered, { idIsGiven: id !== undefined });
}

/** What a release is packed from, and its id if one is given. */
export interface Packing {
  readonly source: ReleaseSource;
  readonly id: string | undefined;
  readonly build: SourceBuild | undefined;
}

/** What every host says, and the files of the release; whoever has it disposes of these. */
export interface Gathered {
  readonly source: ReleaseSource;
  readonly isBuilt: boolean;
  readonly surveys: readonly HostReading[];
  readonly read: ReadRelease;
  /** The unit files that the release brings to each host. */
  readonly units: RenderedUnits;
}

/** Reads every host and, at the same time, the files of the release. */
export async function gather(
  session: Session,
  { source, id, build }: Packing,
  readHostsOf: Reading = readFree,
): Promise<Gathered> {
  const { context, interrupts } = session;
  const readFiles = () =>
    readRelease(source, {
      tmpDir: workFolder(context),
      now: context.clock.now,
      links: session.target.app.release.links,
      env: context.env,
      idOverride: id,
      signal: interrupts.interrupt,
      build,
    });
  const { clock } = context;
  const units = await unitFilesFor(session.target);
  let readAt = 0;
  const surveying = readHostsOf(session, { units }).finally(() => {
    readAt = clock.monotonicMs();
  });
  const reading = whileBuilding(session, { source, build }, readFiles);
  const [surveyed, made] = await Promise.allSettled([surveying, reading]);
  if (made.status === 'rejected') throw made.reason;
  const read = made.value;
  try {
    if (surveyed.status === 'rejected') throw surveyed.reason;
    const isOld = clock.monotonicMs() - readAt > OLD_MS;
    const surveys = isOld ? await readHostsOf(session, { units }) : surveyed.value;
    return { source, isBuilt: build !== undefined, surveys, read, units };
  } catch (error) {
    await read.dispose();
    throw error;
  }
}

/** A build may take long: then the hosts are read again, since the plan shows what they say. */
const OLD_MS = 60_000;

/** The plan of a deploy, with what was packed for it. Disposes of the release's files if it refuses. */
export async function planDeploy(
  session: Session,
  gathered: Gathered,
  { idIsGiven }: { readonly idIsGiven: boolean },
): Promise<PreparedRun> {
  const { surveys, read, units } = gathered;
  try {
    const app = deployedFrom(session.target.app, gathered);
    const recorded = await recordedOf(session, { surveys, digest: read.release.digest });
    const wanted = { ...headOf(session), app, surveys, recorded: recorded.releases, units };
    const release = releaseToDeploy(wanted, read.release, idIsGiven);
    const hosts = surveys.filter((each) => each.kind === 'read');
    const uploads = await packUploads(session, read, { release, hosts });
    const { plan, warnings } = proposeDeploy(wanted, sentOf(read, uploads), idIsGiven);
    const found = await verifyTarget(session, plan, surveys);
    const all = [...read.warnings, ...recorded.warnings, ...warnings, ...found];
    return { plan, uploads, warnings: all };
  } catch (error) {
    await read.dispose();
    throw error;
  }
}

const sentOf = ({ release, unpackedBytes }: ReadRelease, uploads: Uploads): Sent => ({
  ...uploads,
  release,
  unpackedBytes,
  bytes: uploads.archive?.bytes ?? 0,
});

/** The history is read only if a host has this content, so that the content may have an id. */
async function recordedOf(
  { context, target }: Session,
  { surveys, digest }: { readonly surveys: readonly HostReading[]; readonly digest: string },
): Promise<RecordedReleases> {
  const isKnown = surveys.some(
    (each) =>
      each.kind === 'read' && each.facts.releases.some(({ meta }) => meta.digest === digest),
  );
  return isKnown ? recordedReleases(context, target.app) : NOTHING_RECORDED;
}

const NOTHING_RECORDED: RecordedReleases = { releases: [], warnings: [] };

/**
 * A resumed or applied run uses the same source, wherever it was named, and the same commit, wherever
 * its branch is by then.
 */
function deployedFrom(app: App, { source, isBuilt, read }: Gathered): App {
  const { commit } = read.release;
  const from = source.kind === 'git' && commit !== null ? { ...source, ref: commit } : source;
  return { ...app, release: { ...app.release, from }, build: isBuilt ? app.build : null };
}

/** How the hosts of a session are read. */
export type Reading = (session: Session, how?: SurveyOptions) => Promise<readonly HostReading[]>;

/** Settles what dead runs left, if anything may be written. */
const readFree: Reading = (session, how = {}) =>
  session.lock === null ? readHosts(session, how) : readFreeHosts(session, how);

function headOf({ context, options, run, target: { app, group } }: Session): PlanHead {
  const { operator, person, clock } = context;
  return { run, app, group, operator, person, now: clock.now(), reason: options.reason };
}

/** `--from` reads like `release.from` in fleet.yaml, relative to the working directory. */
export function releaseSource(
  { context, target }: Session,
  from: string | undefined,
): ReleaseSource {
  if (from === undefined) {
    const { release } = target.app;
    if (release.from !== null) return release.from;
    throw new FleetError('source_invalid', 'no source to deploy is named', {
      hint: 'add --from SOURCE, or set release.from in fleet.yaml',
    });
  }
  const parsed = parseReleaseSource(from, { dir: context.cwd, home: context.home });
  if (parsed.kind === 'source') return parsed.source;
  throw new FleetError('source_invalid', `--from ${bareUrl(from)}: ${parsed.reason}`, {
    hint: parsed.hint,
  });
}

/** In an emergency: the canary still goes first, then every other host in one wave, unbaked. */
function allAtOnce(app: App): App {
  const policy: Policy = {
    ...app.policy,
    waves: { kind: 'sizes', sizes: [{ kind: 'count', count: 1 }, { kind: 'rest' }] },
    maxUnavailable: { kind: 'percent', percent: 100 },
    bakeMs: 0,
  };
  return { ...app, policy };
}

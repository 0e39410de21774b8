import { type PreparedRelease, prepareRelease } from '../../artifact/prepare.js';
import { parseReleaseSource } from '../../config/fleet/release-source.js';
import type { SettledHook } from '../../engine/hooks/settle-hooks.js';
import type { PlanHead } from '../../engine/plan/build-plan.js';
import { type Proposed, proposeDeploy, proposeRollback } from '../../engine/plan/plan-run.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import { bareUrl } from '../../errors/bare-url.js';
import { FleetError } from '../../errors/fleet-error.js';
import { agreedOrigin } from '../../model/releases/agreement.js';
import type { Retype } from '../../model/releases/retype.js';
import type { App, ReleaseSource } from '../../model/runs/app.js';
import type { Policy } from '../../model/runs/policy.js';
import { groupBy } from '../../model/text/group-by.js';
import type { SurveyOptions } from '../connect/fleet-link.js';
import { workFolder } from '../context/work-folder.js';
import { type RecordedReleases, recordedReleases } from '../records/records.js';
import { readFreeHosts, readHosts } from '../recovery/free-hosts.js';
import { withOptions } from '../session/run-options.js';
import type { Session } from '../session/session.js';

/** What a deploy or a rollback was asked to do. */
export type RolloutRequest =
  | { readonly kind: 'deploy'; readonly from: string | undefined; readonly id: string | undefined }
  | {
      readonly kind: 'rollback';
      readonly to: string | undefined;
      readonly force: boolean;
      readonly allAtOnce: boolean;
      readonly restoreBackup: boolean;
    };

/** A plan with what carries it out. */
export interface PreparedRun extends Proposed {
  readonly archive: PreparedRelease | null;
  /** What a person has said of hooks that were interrupted. */
  readonly settledHooks?: readonly SettledHook[];
}

/** The plan of what was asked, from what every host says now, and the packed release. */
export function prepareRun(
  session: Session,
  request: RolloutRequest,
  retype: Retype,
): Promise<PreparedRun> {
  return request.kind === 'rollback'
    ? prepareRollback(session, request, retype)
    : prepareDeploy(session, request);
}

type RequestOf<Kind> = Extract<RolloutRequest, { readonly kind: Kind }>;

async function prepareRollback(
  session: Session,
  request: RequestOf<'rollback'>,
  retype: Retype,
): Promise<PreparedRun> {
  const { app } = session.target;
  const { restoreBackup } = request;
  const surveys = await read(session, { backups: restoreBackup });
  const recorded =
    request.to === undefined || differInOrigin(surveys)
      ? await recordedReleases(session.context, app)
      : NOTHING_RECORDED;
  const wanted = {
    ...headOf(session),
    surveys,
    recorded: recorded.releases,
    app: request.allAtOnce ? withOptions(allAtOnce(app), session.options) : app,
    retype,
    restoreBackup,
  };
  const { plan, warnings } = proposeRollback(wanted, request.to ?? null, request.force);
  return { plan, archive: null, warnings: [...recorded.warnings, ...warnings] };
}

/** Reading the history costs as much as reading a host; it is not needed if all hosts report the same. */
function differInOrigin(surveys: readonly HostReading[]): boolean {
  const held = surveys.flatMap((each) => (each.kind === 'read' ? each.facts.releases : []));
  const alike = groupBy(held, ({ id }) => id);
  return alike.some((same) => agreedOrigin(same.map(({ meta }) => meta)) === null);
}

/** Reads every host and, at the same time, packs the release. */
async function prepareDeploy(session: Session, request: RequestOf<'deploy'>): Promise<PreparedRun> {
  const { context, interrupts } = session;
  const source = releaseSource(session, request.from);
  const packing = prepareRelease(source, {
    tmpDir: workFolder(context),
    now: context.clock.now,
    links: session.target.app.release.links,
    env: context.env,
    idOverride: request.id,
    signal: interrupts.interrupt,
  });
  const [surveyed, packed] = await Promise.allSettled([read(session), packing]);
  if (packed.status === 'rejected') throw packed.reason;
  const archive = packed.value;
  if (surveyed.status === 'rejected') {
    await archive.dispose();
    throw surveyed.reason;
  }
  const surveys = surveyed.value;
  try {
    const app = deployedFrom(session.target.app, source);
    const recorded = await recordedOf(session, { surveys, digest: archive.release.digest });
    const wanted = { ...headOf(session), app, surveys, recorded: recorded.releases };
    const { plan, warnings } = proposeDeploy(wanted, archive, request.id !== undefined);
    return { plan, archive, warnings: [...archive.warnings, ...recorded.warnings, ...warnings] };
  } catch (error) {
    await archive.dispose();
    throw error;
  }
}

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

/** A resumed run uses the same source, wherever it was named. */
const deployedFrom = (app: App, from: ReleaseSource): App => ({
  ...app,
  release: { ...app.release, from },
});

const read = (session: Session, how: SurveyOptions = {}) =>
  session.lock === null ? readHosts(session, how) : readFreeHosts(session, how);

function headOf({ context, run, target: { app, group } }: Session): PlanHead {
  return { run, app, group, operator: context.operator, now: context.clock.now() };
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

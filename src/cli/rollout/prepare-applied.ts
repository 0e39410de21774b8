import { isDeepStrictEqual } from 'node:util';
import { lacksSource, sameSource } from '../../engine/journal/plan-record.js';
import {
  changesOf,
  configChanges,
  endpointChanges,
  fleetChanges,
  nameChanges,
  namesIn,
  releaseChanges,
} from '../../engine/plan-file/changes.js';
import {
  localSource,
  portableApp,
  portableHost,
  portablePlan,
} from '../../engine/plan-file/portable.js';
import { FleetError, type Problem } from '../../errors/fleet-error.js';
import { loadHostProgram } from '../../host/program.js';
import { whereFlags } from '../../model/releases/where.js';
import type { App, Build, ReleaseSource } from '../../model/runs/app.js';
import type { Plan } from '../../model/runs/plan.js';
import type { PlanFile } from '../../model/runs/plan-file.js';
import { countText } from '../../model/text/count-text.js';
import { VERSION } from '../context/version.js';
import { readHosts } from '../recovery/free-hosts.js';
import type { Session } from '../session/session.js';
import { buildOf } from './build.js';
import {
  type Gathered,
  gather,
  type PreparedRun,
  planDeploy,
  planRollback,
  releaseSource,
} from './prepare-run.js';
import { glancedFor } from './verify-target.js';

/** A plan file, and the folder of the fleet.yaml with which it is applied. */
export interface Applied {
  readonly file: PlanFile;
  readonly projectDir: string;
  /** False for `--no-build`. */
  readonly builds: boolean;
}

/**
 * Makes the plan of a file again, and returns it if nothing has changed. It settles nothing on hosts:
 * what needs settling came after the plan. Throws `plan_moved` with everything that has changed, and
 * the refusals of a deploy or a rollback.
 */
export async function prepareApplied(session: Session, applied: Applied): Promise<PreparedRun> {
  const { file, projectDir } = applied;
  const own = { version: VERSION, program: loadHostProgram().sha256 };
  const before = [...fleetChanges(file.fleet, own), ...knownChanges(session, applied)];
  const prepared = await planAgain(session, applied, before);
  const changes = [
    ...fleetChanges(file.fleet, own),
    ...changesOf(file.plan, portablePlan(prepared.plan, projectDir)),
  ];
  if (changes.length === 0) {
    const { operator: by, createdAt: at } = file.plan;
    return { ...prepared, plan: { ...prepared.plan, madeFrom: { by, at, digest: file.digest } } };
  }
  await prepared.uploads?.dispose();
  throw moved(file.plan, changes.map(asProblem));
}

/** What can be told before any host is read. */
function knownChanges(session: Session, { file, projectDir }: Applied): readonly string[] {
  const { target } = session;
  const { plan, asked } = file;
  const now = portableApp(target.app, projectDir);
  // Both are of the run, and not of fleet.yaml alone.
  const release = { ...now.release, from: plan.app.release.from };
  const build = builtBy(plan, session);
  const policy = asked.allAtOnce ? plan.app.policy : now.policy;
  const planned = [...plan.hosts, ...plan.skipped].map(({ host }) => host);
  return [
    ...nameChanges(
      namesIn(plan),
      target.hosts.map(({ name }) => name),
      plan.group,
    ),
    ...endpointChanges(
      planned,
      target.hosts.map((host) => portableHost(host, target.app)),
    ),
    ...configChanges(plan, { app: { ...now, release, policy, build } }),
  ];
}

/** A refusal tells what is known to have changed too: that is its cause. */
async function planAgain(
  session: Session,
  applied: Applied,
  before: readonly string[],
): Promise<PreparedRun> {
  const { plan, asked } = applied.file;
  const known = [...before];
  try {
    if (plan.kind === 'deploy') {
      const gathered = await packAgain(session, applied);
      const { release } = gathered.read;
      if (release.digest !== plan.release.digest) {
        known.unshift(...releaseChanges(plan.release, { ...plan.release, ...release }));
      }
      const planned = await planDeploy(session, gathered, { idIsGiven: true });
      return withBuild(planned, builtBy(plan, session));
    }
    const { force, allAtOnce } = asked;
    const restoreBackup = plan.hosts.some(({ restore }) => restore !== undefined);
    const verify = plan.check === 'content';
    const to = plan.release.id;
    const glanced = glancedFor({ to, verify });
    const surveys = await readHosts(session, { backups: restoreBackup, kept: true, glanced });
    const how = { force, allAtOnce, verify, restoreBackup };
    return await planRollback(session, { to, ...how, surveys });
  } catch (error) {
    if (!(error instanceof FleetError) || error.code === 'interrupted') throw error;
    if (known.length === 0) throw error;
    const { message, hint, problems } = error;
    throw moved(plan, [...known.map(asProblem), { message, hint }, ...problems]);
  }
}

/** What made the files counts as before if this command was told not to build. */
const builtBy = ({ app: { build } }: Plan, { target }: Session): Build | null =>
  build === null ? null : target.app.build;

const withBuild = ({ plan, ...rest }: PreparedRun, build: Build | null): PreparedRun => ({
  ...rest,
  plan: { ...plan, app: { ...plan.app, build } },
});

/** The same content is the same release: commit, version and id are those of the plan. */
async function packAgain(session: Session, applied: Applied): Promise<Gathered> {
  const { file, projectDir, builds } = applied;
  const { release } = file.plan;
  const source = sourceOf(session, applied);
  const { from: configured } = session.target.app.release;
  const isTyped = !isDeepStrictEqual(source, configured);
  const wanted = builds && file.plan.app.build !== null;
  const build = buildOf(session, source, { projectDir, wanted, isTyped, configured });
  const gathered = await gather(session, { source, id: release.id, build }, readHosts);
  const { read } = gathered;
  if (read.release.digest !== release.digest) return gathered;
  const { id, version, commit, committedAt } = release;
  const { committedAt: _, ...content } = read.release;
  const known = { id, version, commit, ...(committedAt === undefined ? {} : { committedAt }) };
  return { ...gathered, read: { ...read, release: { ...content, ...known } } };
}

function sourceOf(session: Session, { file, projectDir }: Applied): ReleaseSource {
  const { app } = file.plan;
  const { from } = app.release;
  if (session.options.from !== undefined || from === null) {
    return releaseSource(session, session.options.from);
  }
  return lacksSource(app) ? wholeSource(app, session.target.app) : localSource(from, projectDir);
}

/** A plan file does not keep user, password and query of a URL. */
function wholeSource(planned: App, now: App): ReleaseSource {
  const source = sameSource(planned, now);
  if (source !== null) return source;
  throw new FleetError(
    'source_invalid',
    'the release comes from a URL with a password or a query, which a plan file does not keep',
    { hint: 'give it again: --from https://…#sha256=…' },
  );
}

const asProblem = (message: string): Problem => ({ message });

function moved({ kind, app }: Plan, problems: readonly Problem[]): FleetError {
  const count = countText(problems.length, 'change');
  return new FleetError(
    'plan_moved',
    `the plan is not applied: ${count} since it was made; nothing was changed on any host`,
    {
      problems,
      hint: `look at these, then make a new plan: fleet plan ${kind} ${whereFlags(app)} --out FILE`,
    },
  );
}

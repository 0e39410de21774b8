import { isAbsolute, relative, sep } from 'node:path';
import type { SourceBuild } from '../../artifact/build/run-build.js';
import { takeBastionLock } from '../../engine/lock/bastion-lock.js';
import { shortLine } from '../../errors/printable.js';
import type { ReleaseSource } from '../../model/runs/app.js';
import { outputMode } from '../context/output.js';
import { traceEnvOf } from '../context/trace.js';
import type { Session } from '../session/session.js';

/** Whether to build, and where the project is. */
export interface Building {
  /** The folder of fleet.yaml. */
  readonly projectDir: string;
  /** False for `--no-build`. */
  readonly wanted: boolean;
  /** A source that a person typed, which may be an old release somewhere. */
  readonly isTyped: boolean;
  /** What fleet.yaml names as the source: for a commit, the folder that the build makes. */
  readonly configured: ReleaseSource | null;
}

const LEASE_MS = 60_000;

/**
 * What makes the files of a source; undefined if nothing does. A folder or an archive is built in the
 * project if it is there or fleet.yaml names it; a commit in a checkout of its own.
 */
export function buildOf(
  session: Session,
  source: ReleaseSource,
  { projectDir, wanted, isTyped, configured: from }: Building,
): SourceBuild | undefined {
  const { context, run, target, options } = session;
  const { build, name } = target.app;
  if (build === null || !wanted || source.kind === 'url') return undefined;
  const isLocal = source.kind === 'folder' || source.kind === 'archive';
  if (isLocal && isTyped && insideOf(source.path, projectDir) === null) return undefined;
  const say = (line: string): void => session.reporter.say(`  ${line}`);
  return {
    command: {
      ...build,
      env: {
        ...context.env,
        ...traceEnvOf(context, run),
        FLEET_APP: name,
        FLEET_GROUP: target.group,
      },
      mask: (line) => context.secrets.mask(line),
      onLine: options.verbose > 0 ? say : undefined,
    },
    dir: projectDir,
    output: from?.kind === 'folder' ? insideOf(from.path, projectDir) : null,
  };
}

/**
 * Does `work`, which builds, and shows that it does. Only one build at a time is in a project, and until
 * what it made is packed; another one waits. A commit has a folder of its own.
 */
export async function whileBuilding<Result>(
  session: Session,
  { source, build }: { readonly source: ReleaseSource; readonly build: SourceBuild | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  if (build === undefined) return work();
  const lock = source.kind === 'git' ? null : await lockProject(session, build);
  const { clock } = session.context;
  const began = clock.monotonicMs();
  tell(session, `Building the release: ${shortLine(build.command.run, 50)}`);
  try {
    const result = await work();
    tell(session, `Built and packed in ${Math.round((clock.monotonicMs() - began) / 1000)} s.`);
    return result;
  } finally {
    lock?.release();
  }
}

function lockProject({ context, run, target, interrupts, reporter }: Session, build: SourceBuild) {
  const { stateDir, operator: owner, clock } = context;
  // No group has a space in its name.
  const group = `build in ${build.dir}`;
  const wish = { run, app: target.app.name, group, owner, leaseMs: LEASE_MS };
  return takeBastionLock(stateDir, wish, {
    clock,
    waitMs: build.command.timeoutMs,
    signal: interrupts.interrupt,
    onWait: (holder) =>
      reporter.say(`Waiting for the build of run ${holder.run} of ${holder.owner}.`),
  });
}

function tell(session: Session, line: string): void {
  if (outputMode(session.context, session.options) !== 'quiet') session.reporter.say(line);
}

/** From the project's folder; null for a path outside. */
function insideOf(path: string, projectDir: string): string | null {
  const from = relative(projectDir, path);
  const isOutside = from === '..' || from.startsWith(`..${sep}`) || isAbsolute(from);
  return isOutside ? null : from;
}

import { FleetError } from '../errors/fleet-error.js';
import { type ChildCommand, ChildFailure, childOutput, childText } from './child-output.js';
import { quoteName } from './entry-name.js';

/** A repository on this machine and how git is run for it. */
export interface GitRepository {
  /** Any folder inside the work tree, or a bare repository. */
  readonly folder: string;
  readonly env: ChildCommand['env'];
  readonly signal?: AbortSignal | undefined;
}

/** What git knows of the folder that a release is built from. */
export interface WorkTree {
  readonly commit: string;
  /** True where tracked files differ from the commit, or the folder holds files not added yet. */
  readonly dirty: boolean;
}

/** Resolves a revision to a full commit. Throws `source_invalid`, naming the ref and the repository. */
export async function resolveCommit(repository: GitRepository, ref: string): Promise<string> {
  // A ref that begins with a dash would be read as an option.
  if (ref.startsWith('-')) throw unknownRef(repository, ref);
  const commit = await git(repository, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`).catch(
    (cause) => {
      throw refFailure(repository, ref, cause);
    },
  );
  // `^main` is a revision to leave out, and git answers it with a `^` as well.
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw unknownRef(repository, ref);
  return commit;
}

/** The tag that names a commit exactly, or null. */
export async function exactTag(repository: GitRepository, commit: string): Promise<string | null> {
  return git(repository, 'describe', '--tags', '--exact-match', commit).catch(none);
}

/** The commit that a folder was built from; null where it is in no repository, or git is missing. */
export async function workTreeOf(repository: GitRepository): Promise<WorkTree | null> {
  const commit = await git(repository, 'rev-parse', '--verify', '--quiet', 'HEAD').catch(none);
  if (commit === null) return null;
  const status = ['status', '--porcelain', '--ignore-submodules=none'];
  const tracked = await git(repository, ...status, '--untracked-files=no', ':/');
  const here = await git(repository, ...status, '--untracked-files=normal', '.');
  return { commit, dirty: tracked !== '' || here !== '' };
}

/** The tar of a commit's tree, or of a folder in it. Throws `source_invalid`. */
export async function* treeTar(
  repository: GitRepository,
  commit: string,
  subdir: string | null,
): AsyncGenerator<Buffer> {
  const tree = subdir === null ? commit : `${commit}:${cleanSubdir(repository, subdir)}`;
  const args = argsOf(repository, ['archive', '--format=tar', tree]);
  try {
    yield* childOutput({ command: 'git', args, ...how(repository) });
  } catch (cause) {
    if (!(cause instanceof ChildFailure)) throw cause;
    const what = subdir === null ? commit : `${quoteName(subdir)} of ${commit}`;
    throw new FleetError(
      'source_invalid',
      `git archive of ${what} in ${repository.folder} failed: ${cause.stderr}`,
      { cause },
    );
  }
}

function git(repository: GitRepository, ...args: readonly string[]): Promise<string> {
  return childText({ command: 'git', args: argsOf(repository, args), ...how(repository) });
}

/** Nothing that a repository's own config names is run on the way. */
function argsOf(repository: GitRepository, args: readonly string[]): readonly string[] {
  const quiet = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'];
  return ['-C', repository.folder, ...quiet, ...args];
}

function how(repository: GitRepository): Pick<ChildCommand, 'env' | 'signal'> {
  return { env: gitEnvironment(repository.env), signal: repository.signal };
}

const KEPT = new Set(['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']);

/** Run out of a git hook, GIT_DIR and its kind would point at another repository. */
function gitEnvironment(env: ChildCommand['env']): ChildCommand['env'] {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || KEPT.has(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** `commit:./x` and `commit:../x` would be read relative to the working directory. */
function cleanSubdir(repository: GitRepository, subdir: string): string {
  const parts = subdir.split('/').filter((part) => part !== '' && part !== '.');
  if (!subdir.startsWith('/') && !parts.includes('..')) return parts.join('/');
  throw new FleetError(
    'source_invalid',
    `${quoteName(subdir)} is no folder inside ${repository.folder}`,
    { hint: 'git:REF:SUBDIR takes a path from the top of the repository.' },
  );
}

function refFailure(repository: GitRepository, ref: string, cause: unknown): unknown {
  if (!(cause instanceof ChildFailure)) return cause;
  if (cause.missing) {
    return new FleetError('source_invalid', 'git is not installed on this machine', { cause });
  }
  if (cause.stderr === '') return unknownRef(repository, ref);
  const why = cause.stderr.split('\n', 1)[0];
  return new FleetError('source_invalid', `git failed in ${repository.folder}: ${why}`, { cause });
}

function unknownRef(repository: GitRepository, ref: string): FleetError {
  return new FleetError(
    'source_invalid',
    `${quoteName(ref)} is no commit in the repository ${repository.folder}`,
    { hint: 'Name a branch, a tag or a commit that is there; `git fetch` first if it is new.' },
  );
}

function none(cause: unknown): null {
  if (cause instanceof ChildFailure) return null;
  throw cause;
}

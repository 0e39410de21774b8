import { FleetError } from '../errors/fleet-error.js';
import { printableLine } from '../errors/printable.js';
import { ChildFailure } from './child-output.js';
import { quoteName } from './entry-name.js';
import { type GitRepository, gitText } from './git-process.js';
import { findRepository, type GitView, openView, refusePlanted } from './git-view.js';

/** A repository with the view of it that git is given; see `GitView`. */
export interface OpenRepository {
  /** As messages name it. */
  readonly folder: string;
  readonly how: GitRepository;
  readonly view: GitView;
  /** The folder that was asked about, from the top of the work tree. */
  readonly prefix: string;
}

/**
 * Opens the repository that a release is taken from, without its work tree. Throws
 * `source_invalid`, saying why git does not take it.
 */
export async function openRepository(
  repository: GitRepository,
  workDir: string,
): Promise<OpenRepository> {
  const { folder } = repository;
  try {
    const found = await findRepository(repository);
    await refusePlanted(repository, found);
    const view = await openView(repository, { ...found, workTree: null }, workDir);
    return { folder, how: { ...repository, folder: view.folder }, view, prefix: found.prefix };
  } catch (cause) {
    throw gitFailure(folder, cause);
  }
}

/** Resolves a revision to a full commit. Throws `source_invalid`, naming the ref and the repository. */
export async function resolveCommit(repository: OpenRepository, ref: string): Promise<string> {
  // A ref that begins with a dash would be read as an option.
  if (ref.startsWith('-')) throw unknownRef(repository, ref);
  const { how, view, folder } = repository;
  const asked = ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`];
  const commit = await gitText(how, asked, view.own).catch((cause) => {
    if (cause instanceof ChildFailure && cause.stderr === '') throw unknownRef(repository, ref);
    throw gitFailure(folder, cause);
  });
  // `^main` is a revision to leave out, and git answers it with a `^` as well.
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw unknownRef(repository, ref);
  return commit;
}

/** The tag that names a commit exactly, or null. */
export async function exactTag(
  { how, view }: Pick<OpenRepository, 'how' | 'view'>,
  commit: string,
): Promise<string | null> {
  const asked = ['describe', '--tags', '--exact-match', commit];
  const tag = await gitText(how, asked, view.own).catch(noAnswer);
  // A tag object may hold any bytes for its name.
  return tag === null || /\p{C}/u.test(tag) ? null : tag;
}

/** What git failed with, as a refusal of the source; anything else as it is. */
export function gitFailure(folder: string, cause: unknown): unknown {
  if (!(cause instanceof ChildFailure)) return cause;
  if (cause.missing) {
    return new FleetError('source_invalid', 'git is not installed on this machine', { cause });
  }
  const owned = DUBIOUS.exec(cause.stderr)?.[1];
  const hint = owned === undefined ? undefined : trustHint(owned);
  return new FleetError('source_invalid', `git failed in ${folder}: ${whyGitFailed(cause)}`, {
    cause,
    hint,
  });
}

const DUBIOUS = /detected dubious ownership in repository at '([^'\n]+)'/;

/** What git says to do, which stands in lines of their own behind the one with the reason. */
function trustHint(owned: string): string {
  return `Another user owns it, so git does not read it. If you trust that user: git config --global --add safe.directory '${printableLine(owned)}'`;
}

/** The line in which git says why it ended; what it says before are warnings. */
export function whyGitFailed({ stderr, code }: ChildFailure): string {
  const lines = stderr.split('\n');
  const line = lines.find((each) => each.startsWith('fatal:')) ?? lines[0] ?? '';
  return printableLine(line) || `exit ${code}`;
}

/** For a question whose answer may be missing. */
export function noAnswer(cause: unknown): null {
  if (cause instanceof ChildFailure) return null;
  throw cause;
}

function unknownRef({ folder }: OpenRepository, ref: string): FleetError {
  return new FleetError(
    'source_invalid',
    `${quoteName(ref)} is no commit in the repository ${folder}`,
    { hint: 'Name a branch, a tag or a commit that is there; `git fetch` first if it is new.' },
  );
}

import { ChildFailure } from '../../async/child-output.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { quoteName } from '../tree/entry-name.js';
import { type GitRepository, gitText } from './git-process.js';
import { findRepository, type GitView, openView, refusePlanted } from './git-view.js';

/** A repository with the view of it that git is given; see `GitView`. */
export interface OpenRepository {
  /** Its name in messages. */
  readonly folder: string;
  readonly how: GitRepository;
  readonly view: GitView;
  /** The folder that was asked about, from the top of the work tree. */
  readonly prefix: string;
}

/**
 * Opens the repository of a release, without its work tree. Throws `source_invalid` with git's reason.
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
  // git would read a ref that begins with a dash as an option.
  if (ref.startsWith('-')) throw unknownRef(repository, ref);
  const { how, view, folder } = repository;
  const asked = ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`];
  const commit = await gitText(how, asked, view.own).catch((cause) => {
    if (cause instanceof ChildFailure && cause.stderr === '') throw unknownRef(repository, ref);
    throw gitFailure(folder, cause);
  });
  // `^main` excludes a revision, and git's answer begins with `^` as well.
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw unknownRef(repository, ref);
  return commit;
}

/** What is known of a commit beside its hash. */
export interface CommitFacts {
  /** RFC 3339, in UTC. */
  readonly committedAt: string | null;
  /** The tag that names it exactly. */
  readonly tag: string | null;
}

export async function describeCommit(
  repository: Pick<OpenRepository, 'how' | 'view'>,
  commit: string,
): Promise<CommitFacts> {
  // In parallel: each is a process.
  const [committedAt, tag] = await Promise.all([
    commitTime(repository, commit),
    exactTag(repository, commit),
  ]);
  return { committedAt, tag };
}

/** The header of a commit has its time; a damaged one may have anything there. */
async function commitTime(
  { how, view }: Pick<OpenRepository, 'how' | 'view'>,
  commit: string,
): Promise<string | null> {
  const asked = ['log', '-1', '--no-show-signature', '--no-color', '--format=%ct', commit];
  const text = await gitText(how, asked, view.own).catch(noAnswer);
  if (text === null || !/^[1-9]\d{0,11}$/.test(text)) return null;
  return new Date(Number(text) * 1000).toISOString();
}

async function exactTag(
  { how, view }: Pick<OpenRepository, 'how' | 'view'>,
  commit: string,
): Promise<string | null> {
  const asked = ['describe', '--tags', '--exact-match', commit];
  const tag = await gitText(how, asked, view.own).catch(noAnswer);
  // A tag object may contain any bytes as its name.
  return tag === null || /\p{C}/u.test(tag) ? null : tag;
}

/** A failure of git as a refusal of the source; other errors as they are. */
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

/** git's own advice, in lines after the one with the reason. */
function trustHint(owned: string): string {
  return `Another user owns it, so git does not read it. If you trust that user: git config --global --add safe.directory '${printableLine(owned)}'`;
}

/** The line with git's reason; the lines before are warnings. */
export function whyGitFailed({ stderr, code }: ChildFailure): string {
  const lines = stderr.split('\n');
  const line = lines.find((each) => each.startsWith('fatal:')) ?? lines[0] ?? '';
  return printableLine(line) || `exit ${code}`;
}

/** For a question that may have no answer. */
export function noAnswer(cause: unknown): null {
  if (cause instanceof ChildFailure) return null;
  throw cause;
}

function unknownRef({ folder }: OpenRepository, ref: string): FleetError {
  return new FleetError(
    'source_invalid',
    `${quoteName(ref)} is no commit in the repository ${folder}`,
    { hint: 'Name an existing branch, tag or commit; run `git fetch` first if it is new.' },
  );
}

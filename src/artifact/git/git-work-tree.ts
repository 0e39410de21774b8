import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ChildFailure, childSpeaks } from '../../async/child-output.js';
import { FleetError } from '../../errors/fleet-error.js';
import { describeCommit, noAnswer, whyGitFailed } from './git.js';
import { type GitRepository, gitCommand, gitText, submodulePaths } from './git-process.js';
import { findRepository, type GitView, openView } from './git-view.js';

/** What git knows about the folder that a release is built from. */
export interface WorkTree {
  /** Null if the folder is in no repository, or the repository cannot be read. */
  readonly commit: string | null;
  readonly committedAt: string | null;
  /** The tag of exactly this state, if there is one. */
  readonly tag: string | null;
  /** For a person to read before confirming. */
  readonly warnings: readonly string[];
}

const UNKNOWN: WorkTree = { commit: null, committedAt: null, tag: null, warnings: [] };
/** Submodules within submodules: more than anyone has, so a circle ends. */
const DEEPEST = 8;

/** The commit that a folder was built from, read by git without running anything of the repository. */
export async function workTreeOf(repository: GitRepository, workDir: string): Promise<WorkTree> {
  const folder = await realpath(repository.folder);
  const how = { ...repository, folder };
  try {
    const found = await findRepository(how);
    if (found.bare) return doubtful(folder, 'it looks like a bare git repository itself');
    if (found.workTree === null) return UNKNOWN;
    const view = await openView(how, found, workDir);
    const head = ['rev-parse', '--verify', '--quiet', 'HEAD'];
    const commit = await gitText(how, head, view.own).catch(noAnswer);
    if (commit === null) return UNKNOWN;
    // In parallel: each is a process.
    const looked = { how, view, top: found.workTree, workDir, depth: 0 };
    const [dirty, facts] = await Promise.all([
      isDirty(looked),
      describeCommit({ how, view }, commit),
    ]);
    if (!dirty) return { commit, ...facts, warnings: [] };
    const note = `uncommitted changes: the release is not just commit ${commit.slice(0, 7)}`;
    return { ...UNKNOWN, commit, warnings: [note] };
  } catch (error) {
    return unreadableRepository(folder, error);
  }
}

/** No repository or no git does not matter; a repository that git refuses is reported. */
function unreadableRepository(folder: string, error: unknown): WorkTree {
  if (error instanceof FleetError) return doubtful(folder, error.message);
  if (!(error instanceof ChildFailure)) throw error;
  if (error.missing || /not a git repository/.test(error.stderr)) return UNKNOWN;
  return doubtful(folder, whyGitFailed(error));
}

const doubtful = (folder: string, why: string): WorkTree => ({
  ...UNKNOWN,
  warnings: [`the release has no commit: git was not asked about ${folder}, since ${why}`],
});

interface Looked {
  readonly how: GitRepository;
  readonly view: GitView;
  readonly top: string;
  readonly workDir: string;
  readonly depth: number;
}

/** True if tracked files differ from the commit, or there are untracked files. */
async function isDirty(looked: Looked): Promise<boolean> {
  const { how, view, top } = looked;
  // git would enter each submodule with another git, which obeys that submodule's configuration.
  const status = ['status', '--porcelain', '--ignore-submodules=dirty'];
  const speaks = (...args: readonly string[]) =>
    childSpeaks(gitCommand(how, [...status, ...args], view.own));
  const [here, tracked] = await Promise.all([
    speaks('--untracked-files=normal', '.'),
    // At the top the first call has covered all.
    how.folder === top ? false : speaks('--untracked-files=no', ':/'),
  ]);
  return here || tracked || (await hasDirtySubmodule(looked));
}

async function hasDirtySubmodule({ how, view, top, workDir, depth }: Looked): Promise<boolean> {
  if (depth >= DEEPEST || !(await isThere(join(top, '.gitmodules')))) return false;
  const list = ['ls-files', '--stage'];
  for await (const path of submodulePaths({ ...how, folder: top }, list, view.own)) {
    const folder = join(top, path);
    if (!(await isThere(join(folder, '.git')))) continue;
    // A link instead of the folder may lead back up, and be followed in a circle.
    if ((await realpath(folder)) !== folder) continue;
    const inside = { ...how, folder };
    const found = await findRepository(inside);
    if (found.workTree !== inside.folder) continue;
    const seen = await openView(inside, found, workDir);
    const next = { how: inside, view: seen, top: found.workTree, workDir, depth: depth + 1 };
    if (await isDirty(next)) return true;
  }
  return false;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

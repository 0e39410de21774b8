import {
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  realpath,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { filtersIn, parseConfigList, viewConfig } from './git-config.js';
import { type GitRepository, gitText } from './git-process.js';

/** Where git found a repository. */
interface FoundRepository {
  readonly gitDir: string;
  /** Shared by all work trees of a repository; mostly the same as gitDir. */
  readonly commonDir: string;
  /** The top of the work tree, null in a bare repository. */
  readonly workTree: string | null;
  /** The folder that was asked about, from that top; '' for the top itself. */
  readonly prefix: string;
  /** It has no `.git`: the folder, or one above it, only looks like a repository. */
  readonly bare: boolean;
}

/**
 * A repository as git sees it: its own objects, refs and index by links, with a configuration of fleet's own. git
 * never reads program names from the repository's files, so none is run.
 */
export interface GitView {
  /** GIT_DIR and what belongs to it, for `gitCommand`. */
  readonly own: Readonly<Record<string, string>>;
  /** GIT_DIR itself: a private folder, where fleet may put more. */
  readonly folder: string;
  /** Filters of the repository's configuration, which are missing here. */
  readonly filters: readonly string[];
}

const HEAD_BYTES = 4096;
const CONFIG_BYTES = 4 * 1024 ** 2;
const SHARED = ['objects', 'refs', 'packed-refs', 'reftable', 'shallow', 'lfs'];
const SHARED_INFO = ['info/exclude', 'info/attributes'];
/** Of this work tree only; the last three are revisions that a person may name. */
const OWN = ['index', 'info/sparse-checkout', 'logs/HEAD', 'FETCH_HEAD', 'ORIG_HEAD', 'MERGE_HEAD'];

/**
 * The repository of a folder, found by git, which refuses another user's repository (`safe.directory`). Throws
 * `ChildFailure` if there is none.
 */
export async function findRepository(repository: GitRepository): Promise<FoundRepository> {
  // The last prints an empty line at the top, and no line at all in a bare repository.
  const asked = ['--is-inside-work-tree', '--absolute-git-dir', '--git-common-dir', '--show-cdup'];
  const answer = await gitText(repository, ['rev-parse', ...asked]);
  const [inside, gitDir, common, up = '', ...more] = answer.split('\n');
  if (gitDir === undefined || common === undefined || more.length > 0) {
    const why = 'git prints its repository in a form that fleet cannot read';
    throw new FleetError('source_invalid', `${repository.folder}: ${why}`);
  }
  const folder = await realpath(repository.folder);
  const workTree = inside === 'true' ? resolve(folder, up) : null;
  return {
    gitDir,
    commonDir: resolve(folder, common),
    workTree,
    prefix: workTree === null ? '' : relative(workTree, folder),
    bare: isInside(folder, gitDir),
  };
}

/**
 * Makes a view of a repository in a new folder below `parent`; without a work tree, `found.workTree` is null.
 * Throws `source_invalid`, `ChildFailure`.
 */
export async function openView(
  repository: GitRepository,
  found: FoundRepository,
  parent: string,
): Promise<GitView> {
  const at = await mkdtemp(join(parent, 'git-'));
  const { gitDir, commonDir, workTree } = found;
  await mkdir(join(at, 'info'));
  await mkdir(join(at, 'logs'));
  const splitIndex = (await readdir(gitDir)).filter((name) =>
    /^sharedindex\.[0-9a-f]+$/.test(name),
  );
  const shared = [...SHARED, ...SHARED_INFO, 'logs/refs'].map((name) => [name, commonDir] as const);
  const own = [...OWN, ...splitIndex].map((name) => [name, gitDir] as const);
  for (const [name, from] of [...shared, ...own]) {
    const there = join(from, name);
    if (await isThere(there)) await symlink(there, join(at, name));
  }
  await copyHead(gitDir, at);

  const settings = [
    ...(await settingsOf(repository, join(commonDir, 'config'), at)),
    ...(await settingsOf(repository, join(gitDir, 'config.worktree'), at)),
  ];
  await writeFile(join(at, 'config'), viewConfig(settings, workTree === null));
  return {
    own: { GIT_DIR: at, ...(workTree !== null && { GIT_WORK_TREE: workTree }) },
    folder: at,
    filters: filtersIn(settings),
  };
}

/** Refuses a bare repository in the work tree of another: an author may have planted it there. */
export async function refusePlanted(
  repository: GitRepository,
  { gitDir, bare }: FoundRepository,
): Promise<void> {
  if (!bare) return;
  const outside = { ...repository, folder: dirname(gitDir) };
  const around = await findRepository(outside).catch(() => null);
  if (around === null || around.gitDir === gitDir || around.workTree === null) return;
  throw new FleetError(
    'source_invalid',
    `${gitDir} is a bare repository among the files of another, ${around.workTree}`,
    { hint: 'Run fleet, and keep fleet.yaml, in a folder of the repository that you mean.' },
  );
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const isInside = (folder: string, other: string): boolean =>
  folder === other || folder.startsWith(`${other}/`);

/** git accepts no link as HEAD, except one into refs/, which it used to write. */
async function copyHead(gitDir: string, at: string): Promise<void> {
  const head = join(gitDir, 'HEAD');
  const stats = await lstat(head);
  if (stats.isSymbolicLink()) {
    await writeFile(join(at, 'HEAD'), `ref: ${await readlink(head)}\n`);
    return;
  }
  requirePlain(head, stats, HEAD_BYTES);
  await copyFile(head, join(at, 'HEAD'));
}

/** A settings file without its includes; empty if the file does not exist. */
async function settingsOf(repository: GitRepository, file: string, at: string) {
  const stats = await lstat(file).catch(() => null);
  if (stats === null) return [];
  requirePlain(file, stats, CONFIG_BYTES);
  const list = ['config', '--file', file, '--no-includes', '-z', '--list'];
  return parseConfigList(await gitText({ ...repository, folder: at }, list, { GIT_DIR: at }));
}

/** Reading a pipe would block, and some special files never end. */
function requirePlain(
  file: string,
  stats: { isFile(): boolean; readonly size: number },
  limit: number,
): void {
  if (stats.isFile() && stats.size <= limit) return;
  throw new FleetError('source_invalid', `${file} is not a file that git writes`);
}

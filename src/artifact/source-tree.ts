import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildCommand } from '../async/child-output.js';
import { FleetError } from '../errors/fleet-error.js';
import type { LinkRule, ReleaseSource } from '../model/runs/app.js';
import { readArchive } from './archive/archive.js';
import { type Packing, packingOf, tarBytes } from './archive/compression.js';
import { runBuild, type SourceBuild } from './build/run-build.js';
import { ContentFailure } from './contents.js';
import { download } from './download.js';
import {
  changedWhileRead,
  type FolderReading,
  firstChange,
  readFolder,
  unreadable,
} from './folder.js';
import { describeCommit, openRepository, resolveCommit } from './git/git.js';
import { checkOut, folderIn } from './git/git-checkout.js';
import { cleanGitVariables } from './git/git-process.js';
import { refuseFiltered, refuseSubmodules, treeOf, treeTar } from './git/git-tree.js';
import { workTreeOf } from './git/git-work-tree.js';
import { refuseEscapingLink } from './tree/links.js';
import { type TreeEntry, withoutReserved } from './tree/tree.js';

/** A source whose members are known; their contents are still to be read, once. */
export interface SourceTree {
  /** The source's name in messages. */
  readonly label: string;
  readonly entries: readonly TreeEntry[];
  readonly commit: string | null;
  /** When that commit was made, RFC 3339 in UTC; null without a commit, and if the files are not just that commit. */
  readonly committedAt: string | null;
  /** The tag of exactly this state, if there is one. */
  readonly tag: string | null;
  readonly warnings: readonly string[];
  /** The archive of a URL, which hosts may fetch themselves; absent for any other source. */
  readonly original?: Original | undefined;
  /** Throws `source_invalid` if the source has changed; called after the last read. */
  readonly confirmUnchanged: () => Promise<void>;
}

/** An archive as its publisher made it, and whether hosts can unpack it to the release: if not, why. */
export type Original =
  | { readonly kind: 'fit'; readonly url: string; readonly archive: OriginalArchive }
  | { readonly kind: 'unfit'; readonly why: string };

interface OriginalArchive {
  readonly sha256: string;
  readonly bytes: number;
  readonly format: Packing;
}

export interface SourceContext {
  readonly links: LinkRule;
  /** A private folder for spools and downloads. */
  readonly workDir: string;
  readonly env: ChildCommand['env'];
  readonly signal: AbortSignal | undefined;
  /** What makes the files first; absent if they are there. */
  readonly build?: SourceBuild | undefined;
}

/** Reads the files of a tree by `work`, and refuses what was not as it was found. Throws `source_invalid`. */
export async function unchanged<T>(tree: SourceTree, work: () => Promise<T>): Promise<T> {
  try {
    const done = await work();
    await tree.confirmUnchanged();
    return done;
  } catch (error) {
    if (!(error instanceof ContentFailure)) throw error;
    if (error.cause === null) throw changedWhileRead(tree.label, error.path);
    throw unreadable(tree.label, error.path, error.cause);
  }
}

/** Reads any source into a tree. Throws `source_invalid` and `archive_unsafe`. */
export async function readSource(
  source: ReleaseSource,
  context: SourceContext,
): Promise<SourceTree> {
  const tree = await readAny(source, context);
  if (context.links === 'inside') {
    await refuseEscapingLink(tree.label, tree.entries, context.signal);
  }
  return tree;
}

async function readAny(source: ReleaseSource, context: SourceContext): Promise<SourceTree> {
  const { build } = context;
  switch (source.kind) {
    case 'folder':
      if (build !== undefined) await runBuild(build.command, { ...context, dir: build.dir });
      return readFolderSource(source.path, context);
    case 'archive':
      if (build !== undefined) await runBuild(build.command, { ...context, dir: build.dir });
      return readArchiveSource(source.path, source.path, context);
    case 'git':
      return build === undefined
        ? readGitSource(source, context)
        : readBuiltCommit(source, build, context);
    case 'url':
      return readUrlSource(source, context);
  }
}

async function readFolderSource(path: string, context: SourceContext): Promise<SourceTree> {
  const { env, signal, workDir } = context;
  const reading = await readFolder(path, signal);
  const { entries, warnings } = withoutReserved(reading.entries, reading.repositories);
  const {
    commit,
    committedAt,
    tag,
    warnings: doubts,
  } = await workTreeOf({ folder: path, env, signal }, workDir);
  return {
    label: path,
    entries,
    commit,
    committedAt,
    tag,
    warnings: [...warnings, ...doubts],
    confirmUnchanged: () => confirmFolder(path, reading, signal),
  };
}

async function confirmFolder(
  path: string,
  before: FolderReading,
  signal: AbortSignal | undefined,
): Promise<void> {
  const changed = firstChange(before, await readFolder(path, signal));
  if (changed !== null) throw changedWhileRead(path, changed);
}

async function readArchiveSource(
  file: string,
  label: string,
  context: SourceContext,
): Promise<SourceTree> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) {
    throw new FleetError('source_invalid', `${label} does not exist or is not a file`, {
      hint: 'Build first, or name another source with --from.',
    });
  }
  const { env, signal } = context;
  const tar = { bytes: tarBytes(file, { env, signal }), label, packedBytes: found.size };
  return treeOfTar(tar, context);
}

async function readUrlSource(
  source: Extract<ReleaseSource, { kind: 'url' }>,
  context: SourceContext,
): Promise<SourceTree> {
  const file = join(context.workDir, 'download');
  await download({ ...source, file, signal: context.signal });
  const { host, pathname } = new URL(source.url);
  const tree = await readArchiveSource(file, `${host}${pathname}`, context);
  return { ...tree, original: await originalOf(source, file, tree) };
}

async function originalOf(
  { url, sha256 }: Extract<ReleaseSource, { kind: 'url' }>,
  file: string,
  { warnings }: SourceTree,
): Promise<Original> {
  const [leftOut] = warnings;
  if (leftOut !== undefined) return { kind: 'unfit', why: leftOut };
  const [{ size: bytes }, format] = await Promise.all([stat(file), packingOf(file)]);
  return { kind: 'fit', url, archive: { sha256, bytes, format } };
}

async function readGitSource(
  source: Extract<ReleaseSource, { kind: 'git' }>,
  context: SourceContext,
): Promise<SourceTree> {
  const { env, signal } = context;
  const asked = { folder: source.repository, env, signal };
  const repository = await openRepository(asked, context.workDir);
  const commit = await resolveCommit(repository, source.ref);
  const tree = treeOf(repository, commit, source.subdir);
  await refuseFiltered(repository, tree);
  const read = await treeOfTar(
    { bytes: treeTar(repository, tree), label: `git:${source.ref}`, packedBytes: undefined },
    context,
  );
  await refuseSubmodules(repository, tree, read.entries);
  return { ...read, commit, ...(await describeCommit(repository, commit)) };
}

/** Builds in a clean checkout of the commit, and takes what the build has made there. */
async function readBuiltCommit(
  source: Extract<ReleaseSource, { kind: 'git' }>,
  { command, dir: project, output }: SourceBuild,
  context: SourceContext,
): Promise<SourceTree> {
  const { env, signal, workDir } = context;
  const checkout = await checkOut({ folder: project, env, signal }, source.ref, workDir);
  const { commit, committedAt, tag, prefix } = checkout;
  const dir = await folderIn(checkout, prefix, 'fleet.yaml must be in the same folder there');
  const own = { ...cleanGitVariables(command.env), FLEET_COMMIT: commit };
  await runBuild({ ...command, env: own }, { dir, signal });
  const made = source.subdir ?? join(prefix, output ?? '');
  const folder = await folderIn(
    checkout,
    made,
    'does the build make another folder? name it: git:REF:FOLDER',
  );
  const reading = await readFolder(folder, signal);
  const { entries, warnings } = withoutReserved(reading.entries, reading.repositories);
  return {
    label: `the build of git:${source.ref}`,
    entries,
    commit,
    committedAt,
    tag,
    warnings,
    confirmUnchanged: () => confirmFolder(folder, reading, signal),
  };
}

interface Tar {
  readonly bytes: AsyncIterable<Buffer>;
  readonly label: string;
  readonly packedBytes: number | undefined;
}

async function treeOfTar(
  { bytes, label, packedBytes }: Tar,
  { workDir, signal }: SourceContext,
): Promise<SourceTree> {
  const spool = join(workDir, 'spool');
  const members = await readArchive(bytes, { label, spool, signal, packedBytes });
  const { entries, warnings } = withoutReserved(members);
  const confirmUnchanged = async () => {};
  const noCommit = { commit: null, committedAt: null, tag: null };
  return { label, entries, ...noCommit, warnings, confirmUnchanged };
}

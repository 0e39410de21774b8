import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FleetError } from '../errors/fleet-error.js';
import type { ReleaseSource } from '../model/app.js';
import { readArchive } from './archive.js';
import { escapingLink } from './archive-tree.js';
import type { ChildCommand } from './child-output.js';
import { tarBytes } from './compression.js';
import { download } from './download.js';
import { changedWhileRead, type FolderReading, firstChange, readFolder } from './folder.js';
import { exactTag, resolveCommit, treeTar, workTreeOf } from './git.js';
import { findEscapingLink } from './links.js';
import { type TreeEntry, withoutReserved } from './tree.js';

/** A source, read as far as its members: all that is left is to read their contents once. */
export interface SourceTree {
  /** How messages call the source. */
  readonly label: string;
  readonly entries: readonly TreeEntry[];
  readonly commit: string | null;
  /** The tag of exactly this state, where there is one. */
  readonly tag: string | null;
  readonly warnings: readonly string[];
  /** Throws `source_invalid` where the source is not what it was; called after the last read. */
  readonly confirmUnchanged: () => Promise<void>;
}

export interface SourceContext {
  /** A private folder for spools and downloads. */
  readonly workDir: string;
  readonly env: ChildCommand['env'];
  readonly signal: AbortSignal | undefined;
}

/** Reads any source into a tree. Throws `source_invalid` and `archive_unsafe`. */
export function readSource(source: ReleaseSource, context: SourceContext): Promise<SourceTree> {
  switch (source.kind) {
    case 'folder':
      return readFolderSource(source.path, context);
    case 'archive':
      return readArchiveSource(source.path, source.path, context);
    case 'git':
      return readGitSource(source, context);
    case 'url':
      return readUrlSource(source, context);
  }
}

async function readFolderSource(path: string, context: SourceContext): Promise<SourceTree> {
  const reading = await readFolder(path);
  const { entries, warnings } = withoutReserved(reading.entries);
  const escaping = findEscapingLink(entries);
  if (escaping !== null) throw escapingLink(path, escaping);
  const repository = { folder: await realpath(path), env: context.env, signal: context.signal };
  const workTree = await workTreeOf(repository);
  const dirty = workTree?.dirty === true;
  const note = `uncommitted changes: the release is not just commit ${workTree?.commit.slice(0, 7)}`;
  return {
    label: path,
    entries,
    commit: workTree?.commit ?? null,
    tag: workTree === null || dirty ? null : await exactTag(repository, workTree.commit),
    warnings: dirty ? [...warnings, note] : warnings,
    confirmUnchanged: () => confirmFolder(path, reading),
  };
}

async function confirmFolder(path: string, before: FolderReading): Promise<void> {
  const changed = firstChange(before, await readFolder(path));
  if (changed !== null) throw changedWhileRead(path, changed);
}

async function readArchiveSource(
  file: string,
  label: string,
  context: SourceContext,
): Promise<SourceTree> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) {
    throw new FleetError('source_invalid', `${label} is not a file that is there`, {
      hint: 'Build first, or name another source with --from.',
    });
  }
  const { env, signal } = context;
  return treeOfTar(tarBytes(file, { env, signal }), label, context);
}

async function readUrlSource(
  source: Extract<ReleaseSource, { kind: 'url' }>,
  context: SourceContext,
): Promise<SourceTree> {
  const file = join(context.workDir, 'download');
  await download({ ...source, file, signal: context.signal });
  const { host, pathname } = new URL(source.url);
  return readArchiveSource(file, `${host}${pathname}`, context);
}

async function readGitSource(
  source: Extract<ReleaseSource, { kind: 'git' }>,
  context: SourceContext,
): Promise<SourceTree> {
  const { env, signal } = context;
  const repository = { folder: source.repository, env, signal };
  const commit = await resolveCommit(repository, source.ref);
  const tar = treeTar(repository, commit, source.subdir);
  const tree = await treeOfTar(tar, `git:${source.ref}`, context);
  const submodules = tree.entries.some((entry) => entry.path === '.gitmodules');
  const note = `${tree.label}: submodules are not part of the release`;
  return {
    ...tree,
    commit,
    tag: await exactTag(repository, commit),
    warnings: submodules ? [...tree.warnings, note] : tree.warnings,
  };
}

async function treeOfTar(
  tar: AsyncIterable<Buffer>,
  label: string,
  context: SourceContext,
): Promise<SourceTree> {
  const { workDir, signal } = context;
  const members = await readArchive(tar, { label, spool: join(workDir, 'spool'), signal });
  const { entries, warnings } = withoutReserved(members);
  const confirmUnchanged = async () => {};
  return { label, entries, commit: null, tag: null, warnings, confirmUnchanged };
}

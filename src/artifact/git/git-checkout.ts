import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childText } from '../../async/child-output.js';
import { FleetError } from '../../errors/fleet-error.js';
import { quoteName } from '../tree/entry-name.js';
import { describeCommit, gitFailure, resolveCommit } from './git.js';
import { type GitRepository, gitCommand, submodulePaths } from './git-process.js';
import { refuseFiltered } from './git-tree.js';
import { findRepository, openView, refusePlanted } from './git-view.js';

/** The files of a commit, in a private folder. */
export interface Checkout {
  /** The top of it. */
  readonly folder: string;
  /** The folder that was asked about, from the top. */
  readonly prefix: string;
  readonly commit: string;
  readonly committedAt: string | null;
  readonly tag: string | null;
}

/**
 * Checks a commit out into a new folder below `parent`, whole and without anything that is not committed.
 * It runs nothing of the repository, and changes nothing there. Commands of git work in the checkout, as
 * in a clone of that commit. Throws `source_invalid`.
 */
export async function checkOut(
  repository: GitRepository,
  ref: string,
  parent: string,
): Promise<Checkout> {
  const { folder: asked } = repository;
  const folder = join(parent, 'checkout');
  await mkdir(folder);
  try {
    const found = await findRepository(repository);
    await refusePlanted(repository, found);
    const view = await openView(repository, { ...found, workTree: folder }, parent);
    const how = { ...repository, folder };
    const open = { folder: asked, how, view, prefix: found.prefix };
    const commit = await resolveCommit(open, ref);
    await refuseFiltered(open, { name: commit, label: commit });
    await refuseAnySubmodule(how, view.own, { commit, asked });
    // The view's own are links into the repository.
    await rm(join(view.folder, 'index'), { force: true });
    await rm(join(view.folder, 'HEAD'));
    await writeFile(join(view.folder, 'HEAD'), `${commit}\n`);
    // Its own time limit is that of large files.
    for (const step of [
      ['read-tree', commit],
      ['checkout-index', '--all', '--force', '-u'],
    ]) {
      await childText(gitCommand(how, ['-c', 'core.sparseCheckout=false', ...step], view.own));
    }
    await writeFile(join(folder, '.git'), `gitdir: ${view.folder}\n`);
    return { folder, prefix: found.prefix, commit, ...(await describeCommit(open, commit)) };
  } catch (cause) {
    throw gitFailure(asked, cause);
  }
}

/** A folder of a checkout, from its top. Throws `source_invalid` where the commit has none. */
export async function folderIn(
  { folder, commit }: Checkout,
  path: string,
  hint: string,
): Promise<string> {
  const at = join(folder, path);
  if ((await stat(at).catch(() => null))?.isDirectory() === true) return at;
  const what = `commit ${commit.slice(0, 7)} has no folder ${quoteName(path)}`;
  throw new FleetError('source_invalid', what, { hint });
}

async function refuseAnySubmodule(
  how: GitRepository,
  own: Readonly<Record<string, string>>,
  { commit, asked }: { readonly commit: string; readonly asked: string },
): Promise<void> {
  for await (const path of submodulePaths(how, ['ls-tree', '-r', commit], own)) {
    const what = `commit ${commit.slice(0, 7)} of ${asked} has the submodule ${quoteName(path)}, which would be an empty folder in the build`;
    throw new FleetError('source_invalid', what, {
      hint: 'build a checkout, after `git submodule update --init`, as a folder',
    });
  }
}

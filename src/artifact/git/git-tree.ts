import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChildFailure, childOutput, childSpeaks } from '../../async/child-output.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { quoteName } from '../tree/entry-name.js';
import type { TreeEntry } from '../tree/tree.js';
import { gitFailure, noAnswer, type OpenRepository } from './git.js';
import { gitCommand, gitText, submodulePaths } from './git-process.js';

/** A folder of a commit, from which a release is made. */
export interface GitTree {
  /** As git takes it. */
  readonly name: string;
  /** As messages show it. */
  readonly label: string;
}

/** The tree of a commit: a folder given from the top of the repository, else fleet's own folder. */
export function treeOf(repository: OpenRepository, commit: string, subdir: string | null): GitTree {
  const path = subdir === null ? repository.prefix : cleanSubdir(repository, subdir);
  if (path === '') return { name: commit, label: commit };
  return { name: `${commit}:${path}`, label: `${quoteName(path)} of ${commit}` };
}

/** The tar of a tree. Throws `source_invalid`. */
export async function* treeTar(
  { how, view, folder }: OpenRepository,
  tree: GitTree,
): AsyncGenerator<Buffer> {
  try {
    yield* childOutput(gitCommand(how, ['archive', '--format=tar', tree.name], view.own));
  } catch (cause) {
    if (!(cause instanceof ChildFailure)) throw cause;
    throw new FleetError(
      'source_invalid',
      `git archive of ${tree.label} in ${folder} failed: ${printableLine(cause.stderr)}`,
      { cause, hint: MISSING.test(cause.stderr) ? FETCH_FIRST : undefined },
    );
  }
}

const MISSING = /promisor|missing|unable to read|could not fetch|Cannot read|not a tree object/i;
const FETCH_FIRST =
  'The commit may be incomplete here. fleet fetches nothing: in a partial clone, check it out first.';

/**
 * Refuses a tree with a submodule: its folder would be empty. One that `export-ignore` leaves out does not matter.
 */
export async function refuseSubmodules(
  repository: OpenRepository,
  tree: GitTree,
  entries: readonly TreeEntry[],
): Promise<void> {
  const folders = new Set(entries.flatMap((entry) => (entry.kind === 'folder' ? entry.path : [])));
  const { how, view, folder } = repository;
  const found = firstIn(folders, submodulePaths(how, ['ls-tree', '-r', tree.name], view.own));
  const submodule = await found.catch((cause) => {
    throw gitFailure(folder, cause);
  });
  if (submodule === null) return;
  throw new FleetError(
    'source_invalid',
    `${tree.label} in ${folder} has the submodule ${quoteName(submodule)}, which would be an empty folder`,
    {
      hint: 'Deploy a checkout, after `git submodule update --init`, as a folder; or mark it `export-ignore` in .gitattributes.',
    },
  );
}

async function firstIn(
  wanted: ReadonlySet<string>,
  paths: AsyncIterable<string>,
): Promise<string | null> {
  for await (const path of paths) if (wanted.has(path)) return path;
  return null;
}

/**
 * Refuses files that need a filter (e.g. git-crypt or git-lfs) that only this repository's own configuration
 * defines: fleet does not run it, and without it other bytes would be sent.
 */
export async function refuseFiltered(repository: OpenRepository, tree: GitTree): Promise<void> {
  const { view, how, folder } = repository;
  for (const filter of view.filters) {
    const known = ['config', '--get-regexp', `^filter\\.${literal(filter)}\\.(smudge|process)$`];
    if ((await gitText(how, known, view.own).catch(noAnswer)) !== null) continue;
    if (!(await usesFilter(repository, tree, filter))) continue;
    throw new FleetError(
      'source_invalid',
      `${tree.label} needs the filter ${quoteName(filter)}, which only the configuration of ${folder} defines`,
      {
        hint: 'fleet runs nothing that a repository names. Define it in your own ~/.gitconfig, or deploy a checkout as a folder.',
      },
    );
  }
}

async function usesFilter(
  { how, view, folder }: OpenRepository,
  tree: GitTree,
  filter: string,
): Promise<boolean> {
  // No other name can be asked about, so such a filter counts as used.
  if (!/^[\w,-]+$/.test(filter)) return true;
  const empty = join(view.folder, 'empty');
  await mkdir(empty, { recursive: true });
  const own = {
    ...view.own,
    GIT_INDEX_FILE: join(view.folder, 'index-of-tree'),
    GIT_WORK_TREE: empty,
  };
  const here = { ...how, folder: empty };
  try {
    await gitText(here, ['-c', 'core.bare=false', 'read-tree', tree.name], own);
    const list = ['-c', 'core.bare=false', 'ls-files', '-z', `:(attr:filter=${filter})`];
    return await childSpeaks(gitCommand(here, list, own));
  } catch (cause) {
    throw gitFailure(folder, cause);
  }
}

const literal = (text: string): string => text.replace(/[^\w-]/g, '\\$&');

/** `commit:./x` and `commit:../x` would be read relative to the working directory. */
function cleanSubdir({ folder }: OpenRepository, subdir: string): string {
  const parts = subdir.split('/').filter((part) => part !== '' && part !== '.');
  if (!subdir.startsWith('/') && !parts.includes('..')) return parts.join('/');
  throw new FleetError('source_invalid', `${quoteName(subdir)} is no folder inside ${folder}`, {
    hint: 'git:REF:SUBDIR takes a path from the top of the repository.',
  });
}

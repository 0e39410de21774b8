import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type PreparedRelease, prepareRelease } from '../../src/artifact/prepare.js';
import { FleetError } from '../../src/errors/fleet-error.js';
import { GIT_ENV, plant, prepareOptions, run, scratchFolder } from '../artifact/support/scratch.js';
import {
  canaryIn,
  configure,
  git,
  type Hostile,
  layOpen,
  repositoryIn,
  type Stage,
} from './support/hostile-repository.js';
import { HOSTILE_COMMITS, HOSTILE_FOLDERS } from './support/hostile-trees.js';

const scratch = scratchFolder();
let count = 0;
function stage(): Stage {
  count += 1;
  const root = join(scratch, `case-${count}`);
  mkdirSync(root);
  return { root, canary: canaryIn(root) };
}

function prepare(root: string, { source, env = {} }: Hostile): Promise<PreparedRelease> {
  return prepareRelease(source, prepareOptions(root, { env: { ...GIT_ENV, ...env } }));
}

/** A release, or the refusal of one; anything else is a bug. */
async function outcome(root: string, hostile: Hostile): Promise<PreparedRelease | FleetError> {
  try {
    return await prepare(root, hostile);
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    expect(readdirSync(join(root, 'tmp'))).toEqual([]);
    return error;
  }
}

describe('nothing runs that a tree brings:', () => {
  test.each(HOSTILE_FOLDERS)('a folder with %s', async (_, make) => {
    const { root, canary } = stage();
    await outcome(root, make({ root, canary }));
    expect(canary.ran()).toBe(false);
  });

  test.each(HOSTILE_COMMITS)('a commit with %s', async (_, make) => {
    const { root, canary } = stage();
    await outcome(root, make({ root, canary }));
    expect(canary.ran()).toBe(false);
  });

  test('an archive beside, and with, a hostile repository', async () => {
    const { root, canary } = stage();
    const dist = repositoryIn(join(root, 'dist'));
    configure(dist, { 'filter.x.clean': canary.program, 'core.fsmonitor': canary.program });
    run(root, 'tar', '-cf', join(dist, 'release.tar'), '-C', dist, '--exclude=release.tar', '.');
    const release = await prepare(root, {
      source: { kind: 'archive', path: join(dist, 'release.tar') },
    });
    expect(canary.ran()).toBe(false);
    expect(run(root, 'tar', '-tzf', release.archivePath)).not.toContain('.git/');
  });

  test('git reads the objects of the commit named, not what refs/replace puts in their place', async () => {
    const { root } = stage();
    const repository = repositoryIn(join(root, 'repository'));
    const honest = git(repository, 'rev-parse', 'HEAD:b');
    writeFileSync(join(repository, 'evil'), 'evil');
    git(repository, 'replace', '-f', honest, git(repository, 'hash-object', '-w', 'evil'));
    const source = { kind: 'git', repository, ref: 'HEAD', subdir: null } as const;
    const release = await prepare(root, { source });
    expect(run(root, 'tar', '-xzOf', release.archivePath, 'b')).toBe('b');
  });
});

describe('what was run before still has its use:', () => {
  test('a filter that the operator has configured for themselves', async () => {
    const { root, canary } = stage();
    const repository = repositoryIn(join(root, 'repository'));
    plant(root, { gitconfig: `[filter "x"]\n\tsmudge = "${canary.program}; printf smudged"\n` });
    const source = { kind: 'git', repository, ref: 'HEAD', subdir: null } as const;
    const env = { GIT_CONFIG_GLOBAL: join(root, 'gitconfig') };
    const release = await prepare(root, { source, env });
    expect(run(root, 'tar', '-xzOf', release.archivePath, 'app.js')).toBe('onesmudged');
  });

  test('a commit whose files need a filter of the repository alone is refused with the remedy', async () => {
    const { root, canary } = stage();
    const repository = repositoryIn(join(root, 'repository'));
    configure(repository, { 'filter.x.smudge': canary.program, 'filter.unused.clean': 'x' });
    const source = { kind: 'git', repository, ref: 'HEAD', subdir: null } as const;
    await expect(prepare(root, { source })).rejects.toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('needs the filter "x"'),
      hint: expect.stringContaining('~/.gitconfig'),
    });
  });

  test('a bare repository that a commit is taken from', async () => {
    const { root } = stage();
    const origin = repositoryIn(join(root, 'origin'));
    git(root, 'clone', '-q', '--bare', origin, join(root, 'shop.git'));
    const repository = join(root, 'shop.git');
    const source = { kind: 'git', repository, ref: 'main', subdir: null } as const;
    expect((await prepare(root, { source })).files).toBe(3);
  });

  test('but not one that lies among the files of another', async () => {
    const { root } = stage();
    const outer = repositoryIn(join(root, 'outer'));
    const inner = repositoryIn(join(outer, 'deploy'));
    configure(inner, { 'core.bare': 'true' });
    layOpen(inner);
    const source = { kind: 'git', repository: inner, ref: 'main', subdir: null } as const;
    await expect(prepare(root, { source })).rejects.toMatchObject({
      code: 'source_invalid',
      message: expect.stringContaining('a bare repository among the files of another'),
    });
  });

  test('a linked work tree, its reflog, and the branch that it follows', async () => {
    const { root } = stage();
    const main = repositoryIn(join(root, 'main'));
    git(root, 'clone', '-q', main, join(root, 'clone'));
    const clone = join(root, 'clone');
    git(clone, 'worktree', 'add', '-q', '-b', 'other', join(root, 'linked'), 'origin/main');
    const repository = join(root, 'linked');
    const head = git(main, 'rev-parse', 'HEAD');
    for (const ref of ['HEAD', 'other', 'other@{0}', 'HEAD@{0}', '@{u}', 'origin/main']) {
      const source = { kind: 'git', repository, ref, subdir: null } as const;
      expect((await prepare(root, { source })).release.commit).toBe(head);
    }
    const clean = await prepare(root, { source: { kind: 'folder', path: repository } });
    expect(clean).toMatchObject({ release: { commit: head }, warnings: [] });
  });

  test('a folder of the repository, when fleet is run in that folder', async () => {
    const { root } = stage();
    const top = repositoryIn(join(root, 'top'));
    plant(top, { 'svc/shop/x': 'x' });
    git(top, 'add', '.');
    git(top, 'commit', '-qm', 'two');
    const repository = join(top, 'svc/shop');
    const here = { kind: 'git', repository, ref: 'HEAD', subdir: null } as const;
    const other = { kind: 'git', repository, ref: 'HEAD', subdir: 'svc' } as const;
    const names = async (hostile: Hostile) =>
      run(root, 'tar', '-tzf', (await prepare(root, hostile)).archivePath);
    expect(await names({ source: here })).toBe('x');
    expect(await names({ source: other })).toBe('shop/\nshop/x');
  });
});

import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { prepareRelease } from '../../src/artifact/prepare.js';
import { FleetError } from '../../src/errors/fleet-error.js';
import type { ReleaseSource } from '../../src/model/runs/app.js';
import { plant, prepareOptions, run, scratchFolder } from '../artifact/support/scratch.js';
import { canaryIn, git, layOpen, loseObjects, repositoryIn } from './support/hostile-repository.js';

const scratch = scratchFolder();
let count = 0;
function fresh(): string {
  count += 1;
  return join(scratch, `case-${count}`);
}

const options = prepareOptions(scratch);
const prepare = (source: ReleaseSource) => prepareRelease(source, options);
const folder = (path: string) => prepare({ kind: 'folder', path });
const commit = (repository: string, subdir: string | null = null) =>
  prepare({ kind: 'git', repository, ref: 'HEAD', subdir });
const namesIn = (archive: string) => run(scratch, 'tar', '-tzf', archive).split('\n');

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n`;

/** A repository with another one as a submodule at `lib/sub`. */
function withSubmodule(): string {
  const top = repositoryIn(fresh());
  const sub = repositoryIn(join(top, 'lib/sub'));
  git(sub, 'tag', 'v1');
  writeFileSync(join(top, '.gitmodules'), '[submodule "s"]\n\tpath = lib/sub\n\turl = ./s\n');
  plant(top, { 'lib/x': 'x' });
  git(top, '-c', 'advice.addEmbeddedRepo=false', 'add', '.');
  git(top, 'commit', '-qm', 'two');
  return top;
}

describe('a pointer of git-lfs in place of a file refuses', () => {
  const refusal = {
    code: 'source_invalid',
    message: expect.stringContaining('"model.bin" is a git-lfs pointer'),
    hint: expect.stringContaining('git lfs'),
  };

  test('a folder', async () => {
    await expect(folder(plant(fresh(), { 'model.bin': POINTER, a: 'a' }))).rejects.toMatchObject(
      refusal,
    );
  });

  test('a commit', async () => {
    const repository = repositoryIn(fresh());
    writeFileSync(join(repository, 'model.bin'), POINTER);
    git(repository, 'add', '.');
    git(repository, 'commit', '-qm', 'two');
    await expect(commit(repository)).rejects.toMatchObject(refusal);
  });

  test('an archive', async () => {
    const path = join(plant(fresh(), { 'model.bin': POINTER, a: 'a' }), 'a.tar');
    run(join(path, '..'), 'tar', '-cf', 'a.tar', 'model.bin', 'a');
    await expect(prepare({ kind: 'archive', path })).rejects.toMatchObject(refusal);
  });

  test('but a text about git-lfs does not', async () => {
    const text = `version https://git-lfs.github.com/spec/v1\n${'is how a pointer begins. '.repeat(80)}`;
    expect((await folder(plant(fresh(), { text }))).files).toBe(1);
  });
});

describe('a submodule', () => {
  test('refuses a commit that would have an empty folder for it, at the top or in a folder', async () => {
    const top = withSubmodule();
    const refusal = { code: 'source_invalid', hint: expect.stringContaining('submodule update') };
    await expect(commit(top)).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('has the submodule "lib/sub"'),
    });
    await expect(commit(top, 'lib')).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('has the submodule "sub"'),
    });
  });

  test('that is left out by export-ignore is accepted', async () => {
    const top = withSubmodule();
    writeFileSync(join(top, '.gitattributes'), 'lib/sub export-ignore\n');
    git(top, 'commit', '-qam', 'three');
    const release = await commit(top);
    expect(namesIn(release.archivePath)).not.toContain('lib/sub/');
  });

  test('is sent with a folder, without its .git, and counts as changed when it was', async () => {
    const top = withSubmodule();
    const left = '"lib/sub/.git" left out: a release contains no git repository';
    const clean = await folder(top);
    expect(clean.warnings).toEqual([left]);
    expect(namesIn(clean.archivePath)).toContain('lib/sub/app.js');
    expect(namesIn(clean.archivePath).filter((name) => name.includes('.git/'))).toEqual([]);
    writeFileSync(join(top, 'lib/sub/app.js'), 'two');
    expect((await folder(top)).warnings).toEqual([
      left,
      expect.stringContaining('uncommitted changes'),
    ]);
  });
});

describe('a .git below the top', () => {
  test('is left out of a folder and of an archive alike, with a warning', async () => {
    const tree = { a: 'a', 'x/.git/config': 'token', 'y/z/.git': 'gitdir: /', 'x/.gitignore': 'i' };
    const path = plant(fresh(), tree);
    const sent = await folder(path);
    run(path, 'tar', '-cf', `${path}.tar`, '.');
    const packed = await prepare({ kind: 'archive', path: `${path}.tar` });
    expect(packed.release.digest).toBe(sent.release.digest);
    expect(namesIn(sent.archivePath)).toEqual(['a', 'x/', 'x/.gitignore', 'y/', 'y/z/']);
    for (const { warnings } of [sent, packed]) {
      expect(warnings).toEqual([expect.stringMatching(/\.git" and 1 more like it left out/)]);
    }
  });
});

describe('a repository that git is not asked about', () => {
  test('is reported when the folder looks like a bare one', async () => {
    const dist = repositoryIn(fresh());
    layOpen(dist);
    const { release, warnings } = await folder(dist);
    expect(release.commit).toBeNull();
    expect(warnings).toEqual([expect.stringContaining('looks like a bare git repository')]);
  });

  test.runIf(process.getuid?.() === 0)('is reported when it is another user’s', async () => {
    const dist = repositoryIn(fresh());
    chownSync(dist, 65534, 65534);
    const { release, warnings } = await folder(dist);
    expect(release.commit).toBeNull();
    expect(warnings).toEqual([expect.stringContaining('detected dubious ownership')]);
  });

  test('is reported when it is damaged, and is no bug of fleet', async () => {
    const dist = repositoryIn(fresh());
    writeFileSync(join(dist, '.git/index'), 'DIRC but no index');
    const { release, warnings } = await folder(dist);
    expect(release.commit).toBeNull();
    expect(warnings).toEqual([expect.stringContaining('the release has no commit')]);
  });

  test.each(['HEAD', 'config', 'index', 'packed-refs', 'info/exclude'])(
    'ends with the interrupt where its %s is a pipe',
    async (part) => {
      const dist = repositoryIn(fresh());
      run(dist, 'rm', '-f', `.git/${part}`);
      run(dist, 'mkfifo', `.git/${part}`);
      const signal = AbortSignal.timeout(500);
      const source = { kind: 'folder', path: dist } as const;
      const ended = await prepareRelease(source, { ...options, signal }).then(
        () => 'a release without it',
        (error: unknown) => (error instanceof FleetError ? error.code : error),
      );
      expect(['a release without it', 'interrupted']).toContain(ended);
    },
  );
});

test('a commit of which objects are missing is refused with what to do', async () => {
  const repository = repositoryIn(fresh());
  loseObjects(repository, 'ssh://somewhere/x');
  await expect(commit(repository)).rejects.toMatchObject({
    code: 'source_invalid',
    hint: expect.stringContaining('partial clone'),
  });
});

test('names of a tree that lead elsewhere refuse a commit', async () => {
  const repository = repositoryIn(fresh());
  const blob = git(repository, 'rev-parse', 'HEAD:b');
  plant(repository, { tree: `100644 blob ${blob}\t..\n` });
  const tree = run(repository, 'sh', '-c', 'git mktree --missing <tree');
  const made = git(repository, 'commit-tree', '-m', 'x', tree);
  const source = { kind: 'git', repository, ref: made, subdir: null } as const;
  await expect(prepare(source)).rejects.toMatchObject({ code: 'source_invalid' });
});

test('a folder of a commit that is a link is no folder', async () => {
  const repository = repositoryIn(fresh());
  plant(repository, { out: { link: '/etc' } });
  git(repository, 'add', '.');
  git(repository, 'commit', '-qm', 'two');
  for (const subdir of ['out', 'out/ssh']) {
    await expect(commit(repository, subdir)).rejects.toMatchObject({ code: 'source_invalid' });
  }
});

test('the name in a tag’s own object is not believed where it has control characters', async () => {
  const repository = repositoryIn(fresh());
  const head = git(repository, 'rev-parse', 'HEAD');
  canaryIn(repository);
  const text = `object ${head}\ntype commit\ntag v\u001b]0;x\u0007\ntagger A <a@b> 1 +0000\n\nx\n`;
  writeFileSync(join(repository, 'tag'), text);
  const tag = git(repository, 'hash-object', '--literally', '-t', 'tag', '-w', 'tag');
  git(repository, 'update-ref', 'refs/tags/v1', tag);
  const { release } = await commit(repository);
  expect(release.version).not.toMatch(/\p{C}/u);
});

import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { prepareRelease } from '../../../src/artifact/prepare.js';
import { GIT_ENV, plant, prepareOptions, run, scratchFolder } from '../support/scratch.js';

const root = scratchFolder();
const options = prepareOptions(root);
const repository = plant(join(root, 'repo'), {
  'app/server.js': 'v1',
  'app/bin/start': { script: '#!/bin/sh' },
  '.gitignore': 'dist/\n',
});
run(repository, 'git', 'init', '-q', '-b', 'main');
run(repository, 'git', 'add', '.');
run(repository, 'git', 'commit', '-qm', 'one');
const first = run(repository, 'git', 'rev-parse', 'HEAD');
run(repository, 'git', 'tag', 'v1.0.0');
writeFileSync(join(repository, 'app/server.js'), 'v2');
run(repository, 'git', 'commit', '-qam', 'two');
const second = run(repository, 'git', 'rev-parse', 'HEAD');

const fromGit = (ref: string, subdir: string | null = null) =>
  prepareRelease({ kind: 'git', repository, ref, subdir }, options);
const fromFolder = (path: string) => prepareRelease({ kind: 'folder', path }, options);

describe('a release from git', () => {
  test('is the tree of the commit that a ref names, with the tag as version', async () => {
    const { release } = await fromGit('v1.0.0');
    expect(release).toMatchObject({ commit: first, version: 'v1.0.0' });
    expect(release.id).toBe(`20261123T120000Z-${first.slice(0, 7)}`);
    const untagged = await fromGit('main');
    expect(untagged.release).toMatchObject({ commit: second, version: untagged.release.id });
  });

  test.each(['HEAD~1', 'main^', 'main^1', 'v1.0.0^{commit}', 'v1.0.0^0', 'main@{1}'])(
    'takes the revision %s',
    async (revision) => {
      expect((await fromGit(revision)).release).toMatchObject({ commit: first });
    },
  );

  test('takes a folder of it, with the digest of that folder', async () => {
    const { release } = await fromGit(first.slice(0, 8), './app/');
    const same = plant(join(root, 'same'), {
      'server.js': 'v1',
      'bin/start': { script: '#!/bin/sh' },
    });
    expect(release.digest).toBe((await fromFolder(same)).release.digest);
  });

  test.each([
    ['nope', null, /"nope" is no commit in the repository .*repo/],
    ['--output=/tmp/x', null, /is no commit/],
    ['', null, /"" is no commit/],
    ['^main', null, /is no commit/],
    ['main^!', null, /is no commit/],
    ['main^7', null, /is no commit/],
    ['HEAD~1:app', null, /is no commit/],
    ['main', 'absent', /"absent" of [0-9a-f]{40} in .*repo failed/],
    ['main', '../..', /"\.\.\/\.\." is no folder inside/],
    ['main', '/etc', /is no folder inside/],
  ])('refuses %j with the folder %j', async (ref, subdir, message) => {
    await expect(fromGit(ref, subdir)).rejects.toMatchObject({
      code: 'source_invalid',
      message: expect.stringMatching(message),
    });
  });

  test('refuses a folder that is no repository', async () => {
    const source = { kind: 'git', repository: root, ref: 'main', subdir: null } as const;
    await expect(prepareRelease(source, options)).rejects.toMatchObject({
      message: expect.stringContaining('not a git repository'),
    });
  });

  test('looks into the named repository, even out of a hook of another one', async () => {
    const env = { ...GIT_ENV, GIT_DIR: join(root, 'other/.git'), GIT_WORK_TREE: root };
    const source = { kind: 'git', repository, ref: 'main', subdir: null } as const;
    const { release } = await prepareRelease(source, { ...options, env });
    expect(release.commit).toBe(second);
  });
});

describe('a folder in a repository', () => {
  test('that git ignores has the commit of HEAD, and its tag', async () => {
    const dist = plant(join(repository, 'dist'), { bundle: 'built' });
    const clean = await fromFolder(dist);
    expect(clean.release.commit).toBe(second);
    expect(clean.warnings).toEqual([]);
    run(repository, 'git', 'tag', 'v2.0.0');
    expect((await fromFolder(dist)).release.version).toBe('v2.0.0');
  });

  test('has no tag and a warning where anything tracked was changed', async () => {
    writeFileSync(join(repository, 'app/server.js'), 'v3');
    const dirty = await fromFolder(join(repository, 'dist'));
    expect(dirty.release).toMatchObject({ commit: second, version: dirty.release.id });
    expect(dirty.warnings).toEqual([
      `uncommitted changes: the release is not just commit ${second.slice(0, 7)}`,
    ]);
    run(repository, 'git', 'checkout', '-q', '--', '.');
  });

  test('has a warning where it holds files that were never added', async () => {
    const app = plant(join(repository, 'app'), { 'new.js': 'x' });
    expect((await fromFolder(app)).warnings).toHaveLength(1);
    expect((await fromFolder(join(repository, 'dist'))).warnings).toEqual([]);
  });

  test('deploys without git too', async () => {
    const bare = { ...options, env: { PATH: '/nowhere' } };
    const source = { kind: 'folder', path: join(repository, 'dist') } as const;
    const { release } = await prepareRelease(source, bare);
    expect(release.commit).toBeNull();
  });
});

test.runIf(process.getuid?.() === 0)(
  'a repository of another user is refused with what git says to do about it',
  async () => {
    const repository = plant(join(root, 'of-another'), { a: 'x' });
    run(repository, 'git', 'init', '-q');
    chownSync(repository, 1234, 1234);
    const source = { kind: 'git', repository, ref: 'HEAD', subdir: null } as const;
    await expect(prepareRelease(source, options)).rejects.toMatchObject({
      code: 'source_invalid',
      hint: expect.stringContaining(`git config --global --add safe.directory '${repository}'`),
    });
  },
);

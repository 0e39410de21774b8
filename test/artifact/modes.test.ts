import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type PreparedRelease, prepareRelease } from '../../src/artifact/prepare.js';
import { folderCases, refusal } from './support/folder-cases.js';
import { plant, run } from './support/scratch.js';

const { fresh, options, prepareFolder } = folderCases();

/** Path and mode of each member of the packed archive. */
function modesIn({ archivePath }: PreparedRelease): Readonly<Record<string, string>> {
  const lines = run('/', 'tar', '-tvzf', archivePath).split('\n');
  return Object.fromEntries(lines.map((line) => [line.split(/ +/)[5] ?? '', line.slice(0, 10)]));
}

function plantWith(modes: Readonly<Record<string, number>>): string {
  const folder = plant(fresh(), { key: 'k', tool: 't', 'private/data': 'd' });
  for (const [path, mode] of Object.entries(modes)) chmodSync(join(folder, path), mode);
  return folder;
}

const MODES = { key: 0o600, tool: 0o6555, 'private/data': 0o666, private: 0o700 };
const KEPT = {
  key: '-rw-------',
  tool: '-r-xr-xr-x',
  'private/': 'drwx------',
  'private/data': '-rw-r--r--',
};

test('a folder keeps its modes, less what umask 022 takes, and without setuid', async () => {
  expect(modesIn(await prepareFolder(plantWith(MODES)))).toEqual(KEPT);
});

test('an archive keeps its modes too, and is the same release', async () => {
  const folder = plantWith(MODES);
  const path = `${folder}.tar`;
  run(folder, 'tar', '-cf', path, '.');
  const release = await prepareRelease({ kind: 'archive', path }, options);
  expect(modesIn(release)).toEqual(KEPT);
  expect(release.release.digest).toBe((await prepareFolder(folder)).release.digest);
});

test('a folder that its owner may not enter or change stays open to fleet', async () => {
  const release = await prepareFolder(plantWith({ private: 0o555 }));
  expect(modesIn(release)['private/']).toBe('drwxr-xr-x');
});

test('git knows no more than the execute bit, whatever the checkout has', async () => {
  const repository = plantWith({ key: 0o600, tool: 0o775 });
  run(repository, 'git', 'init', '-q');
  run(repository, 'git', 'add', '-A');
  run(repository, 'git', 'commit', '-qm', 'one');
  const source = { kind: 'git', repository, ref: 'HEAD', subdir: null } as const;
  expect(modesIn(await prepareRelease(source, options))).toEqual({
    key: '-rw-r--r--',
    tool: '-rwxr-xr-x',
    'private/': 'drwxr-xr-x',
    'private/data': '-rw-r--r--',
  });
});

test('another mode is another content, of a file as of a folder', async () => {
  const variants = [{}, { key: 0o600 }, { key: 0o640 }, { private: 0o750 }, { key: 0o664 }];
  const digests = await Promise.all(
    variants.map(async (modes) => (await prepareFolder(plantWith(modes))).release.digest),
  );
  expect(new Set(digests.slice(0, 4)).size).toBe(4);
  // Hosts are given neither as writable for the group.
  expect(digests[4]).toBe(digests[0]);
});

test('a link out of the release is refused with the setting that allows it, and then goes along', async () => {
  const venv = plant(fresh(), { 'venv/bin/python3': { link: '/usr/bin/python3' }, a: 'a' });
  expect(await refusal(prepareFolder(venv))).toMatchObject({
    code: 'archive_unsafe',
    hint: expect.stringContaining('release: { links: allow }'),
  });
  const source = { kind: 'folder', path: venv } as const;
  const release = await prepareRelease(source, { ...options, links: 'allow' });
  expect(modesIn(release)['venv/bin/python3']).toBe('lrwxrwxrwx');
});

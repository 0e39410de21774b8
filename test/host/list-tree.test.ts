import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { ManifestEntry } from '../../src/artifact/tree/manifest.js';
import { manifestText } from '../../src/artifact/tree/manifest-text.js';
import { ALL_SHELLS } from './support/fake-host.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The functions of these fragments, without the program's main. */
const FUNCTIONS = ['frame/10-frame.sh', 'release/47-list-tree.sh']
  .map((name) =>
    readFileSync(fileURLToPath(new URL(`../../src/host/program/${name}`, import.meta.url)), 'utf8'),
  )
  .join('\n');

const SHELL_CALLS: Readonly<Record<string, readonly string[]>> = { busybox: ['busybox', 'sh'] };

function listTree(shell: string, folder: string, path = process.env.PATH ?? ''): string {
  const [command = '', ...args] = SHELL_CALLS[shell] ?? [shell];
  const script = `${FUNCTIONS}\nlist_tree "$1"`;
  // yash reads names in the locale that it was started in, whatever LC_ALL says later.
  const ended = spawnSync(command, [...args, '-c', script, 'sh', folder], {
    env: { PATH: path, LC_CTYPE: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(ended.stderr.toString()).toBe('');
  return ended.stdout.toString();
}

function makeTree(entries: readonly ManifestEntry[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-list-'));
  folders.push(folder);
  for (const entry of entries) {
    const path = join(folder, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    if (entry.kind === 'folder') mkdirSync(path);
    else if (entry.kind === 'link') symlinkSync(entry.target, path);
    else writeFileSync(path, entry.path.slice(0, entry.size));
    if (entry.kind !== 'link') chmodSync(path, entry.mode);
  }
  return folder;
}

const file = (path: string, mode = 0o644): ManifestEntry => {
  const content = Buffer.from(path);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { kind: 'file', path, mode, size: content.length, sha256 };
};
const folder = (path: string, mode = 0o755): ManifestEntry => ({ kind: 'folder', path, mode });
const link = (path: string, target: string): ManifestEntry => ({ kind: 'link', path, target });

const ODD = [
  '*',
  '-',
  '-rf',
  '--',
  ' ',
  '  x ',
  "it's",
  '"q"',
  '$(id)',
  '`id`',
  'a\nb',
  '\n',
  'a\\b',
  '\\n',
  'c\rd',
  '\r',
  't\tb',
  '\u0001',
  '\u001b[31m',
  '\u0085',
  'Jörg',
  'Jo\u0308rg',
  '日本',
  '..x',
  '...',
  '.x',
  '.[!.]*',
  'x\\',
  '\\',
  '[a]',
  '?',
  '#',
  '~',
  'a=b',
  '# file 644 1 a',
  '"\\"',
  'n'.repeat(255),
  '😀',
] as const;

const ODD_TREE: readonly ManifestEntry[] = [
  ...ODD.map((name) => file(name)),
  folder('odd'),
  ...ODD.flatMap((name) => [folder(`odd/${name}`, 0o700), file(`odd/${name}/${name}`, 0o755)]),
  folder('links'),
  ...ODD.map((name) => link(`links/${name}`, name)),
  folder('empty'),
  folder('sub'),
  file('sub/version.json'),
  file('mode', 0o4755),
];

const sorted = (entries: readonly ManifestEntry[]): string => manifestText(entries);

test.each(ALL_SHELLS)('%s lists any tree as the manifest of it', (shell) => {
  const made = makeTree(ODD_TREE);
  writeFileSync(join(made, 'version.json'), '{}');
  expect(listTree(shell, made)).toBe(sorted(ODD_TREE));
});

test.each(['busybox', 'toybox'])('the tools of %s give the same list', (box) => {
  const made = makeTree(ODD_TREE);
  const bin = mkdtempSync(join(tmpdir(), 'fleet-tools-'));
  folders.push(bin);
  for (const tool of ['sort', 'stat', 'sha256sum', 'readlink']) {
    writeFileSync(join(bin, tool), `#!/bin/sh\nexec ${box} ${tool} "$@"\n`, { mode: 0o755 });
  }
  expect(listTree('dash', made, `${bin}:${process.env.PATH}`)).toBe(sorted(ODD_TREE));
});

test('a large tree of plain names is listed in batches', () => {
  const many = Array.from({ length: 1_700 }, (_, at) => file(`f${at}`));
  const deep = Array.from({ length: 60 }, (_, at) =>
    folder(
      Array(at + 1)
        .fill('deep')
        .join('/'),
    ),
  );
  const links = Array.from({ length: 700 }, (_, at) => link(`l${at}`, `f${at}`));
  const entries = [...many, ...deep, ...links];
  expect(listTree('dash', makeTree(entries))).toBe(sorted(entries));
});

test('what is no file, folder or link is listed as such', () => {
  const made = makeTree([file('a')]);
  spawnSync('mkfifo', [join(made, 'pipe'), join(made, 'odd\npipe')]);
  expect(listTree('dash', made)).toContain('\n# \\other odd\\npipe\n');
  expect(listTree('dash', made)).toContain('\n# other pipe\n');
});

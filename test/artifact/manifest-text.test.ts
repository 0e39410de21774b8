import { describe, expect, test } from 'vitest';
import { digestOf, type ManifestEntry } from '../../src/artifact/tree/manifest.js';
import { manifestText, readManifest } from '../../src/artifact/tree/manifest-text.js';

const SHA = 'a'.repeat(64);

const ENTRIES: readonly ManifestEntry[] = [
  { kind: 'file', path: ' two  spaces ', mode: 0o644, size: 0, sha256: SHA },
  { kind: 'folder', path: 'a', mode: 0o755 },
  { kind: 'file', path: 'a-b', mode: 0o755, size: 12, sha256: SHA },
  { kind: 'file', path: 'a/x', mode: 0o600, size: 3, sha256: SHA },
  { kind: 'link', path: 'l', target: 'a/x' },
  { kind: 'folder', path: 'n\nl', mode: 0o700 },
  { kind: 'link', path: 'n\nl/t\tb', target: 'x\ty\\n\n' },
  { kind: 'file', path: 'r\r\\n', mode: 0o4, size: 1, sha256: SHA },
];

test('a manifest has the form of sha256sum, with comments for what that does not know', () => {
  expect(manifestText(ENTRIES).split('\n')).toEqual([
    '# fleet manifest 1',
    `# \\file 4 1 r\\r\\\\n`,
    '# \\folder 700 n\\nl',
    '# \\link n\\nl/t\\tb\tx\\ty\\\\n\\n',
    '# file 600 3 a/x',
    '# file 644 0  two  spaces ',
    '# file 755 12 a-b',
    '# folder 755 a',
    '# link l\ta/x',
    `\\${SHA}  r\\r\\\\n`,
    `${SHA}   two  spaces `,
    `${SHA}  a-b`,
    `${SHA}  a/x`,
    '',
  ]);
});

test('a manifest is read as it was written, and gives the same digest', () => {
  const read = readManifest(manifestText(ENTRIES));
  expect(read).toEqual(ENTRIES);
  expect(digestOf(read ?? [])).toBe(digestOf(ENTRIES));
});

describe('what is not a whole manifest is not read', () => {
  const whole = manifestText(ENTRIES.slice(1, 4));
  test.each([
    ['an empty text', ''],
    ['another head', whole.replace('manifest 1', 'manifest 2')],
    ['a cut text', whole.slice(0, -3)],
    ['a text without its last line', whole.split('\n').slice(0, -2).join('\n')],
    ['a file without a sum', whole.replace(`${SHA}  a/x\n`, '')],
    ['a sum without a file', whole.replace('# file 600 3 a/x\n', '')],
    ['a path twice', whole.replace('# file 600', '# folder 755 a/x\n# file 600')],
    ['a file that could not be read', `${whole}# unread b\n`],
    ['a device', `${whole}# other b\n`],
  ])('%s', (_, text) => {
    expect(readManifest(text)).toBeNull();
  });
});

test('names with a newline cannot give another tree the same digest', () => {
  const trees: readonly (readonly ManifestEntry[])[] = [
    [{ kind: 'folder', path: 'a\nfolder', mode: 0o700 }],
    [
      { kind: 'folder', path: 'a', mode: 0o755 },
      { kind: 'folder', path: '700', mode: 0o755 },
    ],
    [{ kind: 'folder', path: 'a\\nfolder', mode: 0o700 }],
    [{ kind: 'folder', path: 'a\nfolder', mode: 0o755 }],
  ];
  expect(new Set(trees.map(digestOf)).size).toBe(trees.length);
});

import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';

/** One path of a tree for a test. Modes are those on disk, before a release takes them. */
export type Planted =
  | { readonly kind: 'folder'; readonly mode: number }
  | { readonly kind: 'file'; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'link'; readonly target: string };

export type AnyTree = ReadonlyMap<string, Planted>;

/** What has broken scripts before, and plain letters. No slash, no NUL. */
const PIECES = [
  'a',
  'b',
  'B',
  '0',
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\t',
  '\r',
  '\\',
  '\\n',
  "'",
  '"',
  '`',
  '$(id)',
  '$HOME',
  '*',
  '?',
  '[a]',
  '{a,b}',
  '-',
  '--',
  '-rf',
  '.',
  '..x',
  '#',
  '~',
  '=',
  '%s',
  '%',
  '!',
  '&',
  ';',
  '|',
  '<',
  '>',
  '\u0001',
  '\u001b[31m',
  '\u007f',
  '\u0085',
  '\u200b',
  '\u202e',
  'é',
  'e\u0301',
  '日本',
  '😀',
  '\ufeff',
  'x'.repeat(60),
  '# file 644 1 a',
  ' ->x',
  ':',
] as const;

const nameArbitrary = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 })
  .map((pieces) =>
    Buffer.from(pieces.join(''))
      .subarray(0, 255)
      .toString()
      .replace(/\ufffd+$/, ''),
  )
  .filter((name) => !['', '.', '..', '.git', 'version.json'].includes(name));

const MODES = [0o644, 0o600, 0o755, 0o444, 0o400, 0o777, 0o4755, 0o2750, 0o1777, 0o200, 0];

const plantedArbitrary: fc.Arbitrary<Planted> = fc.oneof(
  fc.record({ kind: fc.constant('folder' as const), mode: fc.constantFrom(...MODES) }),
  fc.record({
    kind: fc.constant('file' as const),
    mode: fc.constantFrom(...MODES),
    content: fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ maxLength: 3_000 })),
  }),
  fc.record({ kind: fc.constant('link' as const), target: nameArbitrary }),
);

/** Trees of up to 20 paths, four deep, with a file in each. */
export const treeArbitrary: fc.Arbitrary<AnyTree> = fc
  .array(fc.tuple(fc.array(nameArbitrary, { minLength: 1, maxLength: 4 }), plantedArbitrary), {
    maxLength: 20,
  })
  .map((paths) => {
    const tree = new Map<string, Planted>();
    for (const [parts, planted] of paths) addTo(tree, parts, planted);
    if (![...tree.values()].some(({ kind }) => kind !== 'folder')) {
      tree.set('any', { kind: 'file', mode: 0o644, content: new Uint8Array([1]) });
    }
    return tree;
  });

function addTo(tree: Map<string, Planted>, parts: readonly string[], planted: Planted): void {
  const parents = parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join('/'));
  const path = parts.join('/');
  if (tree.has(path)) return;
  if (parents.some((parent) => (tree.get(parent)?.kind ?? 'folder') !== 'folder')) return;
  for (const parent of parents) {
    if (!tree.has(parent)) tree.set(parent, { kind: 'folder', mode: 0o755 });
  }
  tree.set(path, planted);
}

/** Makes it on disk. Folders get their modes last, from below. */
export function plantTree(root: string, tree: AnyTree): void {
  mkdirSync(root, { recursive: true });
  for (const [path, planted] of tree) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (planted.kind === 'folder') mkdirSync(place, { recursive: true });
    else if (planted.kind === 'link') symlinkSync(planted.target, place);
    else {
      writeFileSync(place, planted.content);
      chmodSync(place, planted.mode);
    }
  }
  for (const [path, planted] of [...tree].reverse()) {
    if (planted.kind === 'folder') chmodSync(join(root, path), planted.mode);
  }
}

/** What a release has of it: umask 022, no special bits, readable by its owner. */
export function arrived(tree: AnyTree): Readonly<Record<string, string>> {
  return sorted(
    [...tree].map(([path, planted]) => {
      if (planted.kind === 'link') return [path, `link ${planted.target}`];
      const open = planted.kind === 'folder' ? 0o700 : 0o400;
      const mode = ((planted.mode & 0o755) | open).toString(8);
      return planted.kind === 'folder'
        ? [path, `folder ${mode}`]
        : [path, `file ${mode} ${sha256(planted.content)}`];
    }),
  );
}

/** The same of a folder on disk, without version.json at its top. */
export function readTree(root: string): Readonly<Record<string, string>> {
  const found: (readonly [string, string])[] = [];
  const walk = (folder: string): void => {
    for (const raw of readdirSync(join(root, folder), { encoding: 'buffer' })) {
      const path = folder === '' ? raw.toString() : `${folder}/${raw.toString()}`;
      const place = join(root, path);
      const stats = lstatSync(place);
      const mode = (stats.mode & 0o7777).toString(8);
      if (stats.isSymbolicLink()) found.push([path, `link ${readlinkSync(place)}`]);
      else if (stats.isDirectory()) {
        found.push([path, `folder ${mode}`]);
        walk(path);
      } else if (path !== 'version.json') {
        found.push([path, `file ${mode} ${sha256(readFileSync(place))}`]);
      }
    }
  };
  walk('');
  return sorted(found);
}

const sorted = (pairs: readonly (readonly string[])[]): Readonly<Record<string, string>> =>
  Object.fromEntries([...pairs].sort(([one = ''], [other = '']) => (one < other ? -1 : 1)));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

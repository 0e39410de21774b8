import { expect, test } from 'vitest';
import { chooseBase } from '../../../src/artifact/delta/choose-base.js';
import { clearList } from '../../../src/artifact/delta/clear-list.js';
import { differenceOf } from '../../../src/artifact/delta/difference.js';
import type { ManifestEntry } from '../../../src/artifact/tree/manifest.js';
import { asReleaseId } from '../../../src/model/names.js';

const file = (path: string, content = 'a', size = 100, mode = 0o644): ManifestEntry => ({
  kind: 'file',
  path,
  mode,
  size,
  sha256: content.repeat(64),
});
const folder = (path: string, mode = 0o755): ManifestEntry => ({ kind: 'folder', path, mode });
const link = (path: string, target: string): ManifestEntry => ({ kind: 'link', path, target });

const differ = (
  base: readonly ManifestEntry[],
  next: readonly ManifestEntry[],
  own = ['version.json'],
) => {
  const { sent, cleared, kept, bytes } = differenceOf(base, next, own);
  return { sent: [...sent], cleared: [...cleared].sort(), kept, bytes };
};

test('what is the same does not travel; what is gone is cleared', () => {
  const base = [file('a'), file('b'), folder('d'), file('d/x'), file('d/y')];
  const next = [file('a'), file('b', 'b', 7), folder('d'), file('d/x')];
  expect(differ(base, next)).toEqual({
    sent: ['b'],
    cleared: ['b', 'd/y', 'version.json'],
    kept: [],
    bytes: 7,
  });
});

test('a folder that is gone is cleared as one', () => {
  const base = [folder('d'), folder('d/e'), file('d/e/x')];
  expect(differ(base, [file('a')])).toMatchObject({ cleared: ['a', 'd', 'version.json'] });
});

test('a path that is new is cleared too, in case something is there', () => {
  const next = [folder('d'), file('d/x'), link('l', 'd')];
  expect(differ([], next)).toMatchObject({
    cleared: ['d', 'l', 'version.json'],
    sent: ['d', 'd/x', 'l'],
  });
});

test('a path of another kind is cleared, and all below it travels', () => {
  const base = [file('a'), folder('b'), file('b/x'), link('c', 'a')];
  const next = [folder('a'), file('a/x'), link('b', 'a'), folder('c'), file('c/x')];
  expect(differ(base, next)).toMatchObject({
    cleared: ['a', 'b', 'c', 'version.json'],
    sent: ['a', 'a/x', 'b', 'c', 'c/x'],
  });
});

test('a folder with another mode travels without what is in it', () => {
  const base = [folder('d', 0o700), file('d/x')];
  expect(differ(base, [folder('d'), file('d/x')])).toMatchObject({
    sent: ['d'],
    kept: ['d'],
    cleared: ['version.json'],
  });
});

test('what fleet makes on the host is cleared, with the folders that it made for it', () => {
  const base = [folder('d'), file('d/x'), folder('log'), file('log/.keep'), file('env')];
  const found = differ(base, base, ['version.json', 'log', 'env', 'd/e/f', 'd/x/y']);
  expect(found).toMatchObject({
    cleared: ['d/e', 'd/x', 'env', 'log', 'version.json'],
    sent: ['log', 'log/.keep', 'env'],
  });
});

test('the list of what is cleared has one line a path, whatever is in it', () => {
  const cleared = ['a', 'b\nc', 'd\\n'];
  expect(clearList({ cleared, kept: ['k', 'l\n'] })).toBe('a\n\\b\\nc\n\\d\\\\n\nk/\n\\l\\n/\n');
});

const id = (number: number) => asReleaseId(`2026010${number}T000000Z-abcdef${number}`);
const base = (number: number, manifest: readonly ManifestEntry[]) => ({
  id: id(number),
  digest: `${number}`,
  manifest,
});
const MB = 1_000_000;

test('the base from which the least travels is chosen, the first of equals', () => {
  const next = [file('a', 'a', MB), file('b', 'b', MB), file('c', 'c', MB)];
  const one = [file('a', 'a', MB)];
  const two = [file('a', 'a', MB), file('b', 'b', MB)];
  const choice = (bases: Parameters<typeof chooseBase>[0]) => chooseBase(bases, next, [])?.base.id;
  expect(choice([base(1, one), base(2, two)])).toBe(id(2));
  expect(choice([base(3, two), base(4, two)])).toBe(id(3));
});

test('the whole is sent if most of it travels anyway, or if it is small', () => {
  const next = [file('a', 'a', MB), file('b', 'b', 9 * MB)];
  expect(chooseBase([base(1, [file('a', 'a', MB)])], next, [])).toBeNull();
  const small = [file('a'), file('b', 'b')];
  expect(chooseBase([base(1, small)], small, [])).toBeNull();
  expect(chooseBase([], next, [])).toBeNull();
});

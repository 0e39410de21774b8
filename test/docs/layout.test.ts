import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const text = readFileSync(`${checkout}docs/layout.md`, 'utf8');

/** What stands in backticks and looks like a path of the checkout. */
const paths = [...text.matchAll(/`((?:src|test|bin)\/[\w./-]+|\.[\w.-]+\.cjs)`/g)].map(
  ([, path = '']) => path,
);

/** Every folder below a room's own, and the room. */
const folders = readdirSync(`${checkout}src`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(checkout.length))
  .filter((folder) => !folder.startsWith('src/lab/fleet/shims/'));

describe('docs/layout.md', () => {
  test('names paths at all', () => {
    expect(paths.length).toBeGreaterThan(50);
  });

  test.each([...new Set(paths)])('names %s, which is there', (path) => {
    expect(existsSync(checkout + path)).toBe(true);
  });

  test.each(folders)('says what is in %s', (folder) => {
    expect(text).toContain(`\`${folder}\``);
  });
});

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { anchorsOf, checkout, filesOf, read } from './support/pages.js';

const pages = filesOf('*.md');

/** Why a link of a page leads nowhere, or null. */
function broken(page: string, link: string): string | null {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(join(checkout, target))) return `${link}: no such file`;
  if (anchor === undefined || !target.endsWith('.md')) return null;
  return anchorsOf(read(target)).has(anchor) ? null : `${link}: no such heading`;
}

test.each(pages)('the links of %s lead to files and headings that exist', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)/g)].map(([, link = '']) => link);
  expect(links.map((link) => broken(page, link)).filter((why) => why !== null)).toEqual([]);
});

/** Names of files to be made, in the steps of CONTRIBUTING, have a word in capitals. */
const SOURCE = /(?<![\w./-])(?:src|test|bench|scripts|bin)\/[\w./-]+\.(?:ts|sh|mjs|js|json)\b/g;
// What has been is true for ever: the changelog names files as they were.
const now = pages.filter((page) => page !== 'CHANGELOG.md');

test.each(now)('%s names only files of the source that exist', (page) => {
  const named = (read(page).match(SOURCE) ?? []).filter((path) => !/\/[A-Z]+\./.test(path));
  expect(named.filter((path) => !existsSync(checkout + path))).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { parseConfigs } from '../../src/config/fleet/file.js';
import { loadInventory } from '../../src/config/inventory/load.js';
import { loadProject } from '../../src/config/project.js';
import { folderOf, person } from '../config/support/inventory-folder.js';
import { filesOf, read } from './support/pages.js';

interface Block {
  readonly at: string;
  readonly text: string;
}

/** What a page shows of YAML, without its indentation in a list. Jobs of a CI system are not ours. */
function blocksOf(page: string): readonly Block[] {
  const text = read(page);
  return [...text.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].map((found) => {
    const [, indent = '', block = ''] = found;
    const line = text.slice(0, found.index).split('\n').length;
    return { at: `${page}:${line}`, text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), '') };
  });
}

/** A page that shows two ways to write one key has two files in one block. */
function waysOf(text: string): readonly string[] {
  const parts = text.split(/^(?=[a-z_]+:)/m);
  const keys = parts.map((part) => /^([a-z_]+):/.exec(part)?.[1] ?? null);
  const twice = keys.find((key, index) => key !== null && keys.indexOf(key) < index);
  if (twice === undefined) return [text];
  return parts
    .filter((_, index) => keys[index] === twice)
    .flatMap((part) =>
      waysOf([...parts.filter((_, index) => keys[index] !== twice), part].join('')),
    );
}

/** What the reader has above or below the part that is shown. */
function completed(text: string): string {
  const keys = Object.keys((parseDocument(text).toJS() as object | null) ?? {});
  const head = {
    app: 'app: shop',
    root: 'root: /opt/shop',
    service: 'service: { unit: a.service }',
  };
  const lacking = keys.includes('apps')
    ? []
    : Object.entries(head).flatMap(([key, line]) => (keys.includes(key) ? [] : [line]));
  return [...lacking, text.replaceAll('64-hex-digits', 'a'.repeat(64))].join('\n');
}

const isInventory = (text: string): boolean =>
  /^(groups|ssh):/m.test(text) || /^ *hosts:$/m.test(text);

const pages = filesOf('README.md', 'docs/*.md', 'examples/**/*.md');
const blocks = pages.flatMap(blocksOf);
const files = blocks
  .filter(({ text }) => !isInventory(text))
  .flatMap(({ at, text }) => waysOf(text).map((way) => ({ at, text: completed(way) })));

describe('what the pages show of fleet.yaml', () => {
  test('is found', () => {
    expect(files.length).toBeGreaterThan(15);
  });

  test.each(files)('is valid: $at', ({ text }) => {
    parseConfigs({ file: '/srv/shop/fleet.yaml', text, home: '/home/me' });
  });
});

describe('what the pages show of inventories', () => {
  const inventories = blocks.filter(({ text }) => isInventory(text));
  test.each(inventories)('is valid: $at', async ({ text }) => {
    const cwd = await folderOf({ 'hosts.yaml': text });
    const inventory = await loadInventory({ ...person, cwd, paths: ['hosts.yaml'] });
    expect(inventory.hosts.length).toBeGreaterThan(0);
  });
});

describe('the fleet.yaml of each example', () => {
  const examples = filesOf('examples/**/fleet.yaml');
  test.each(examples)('is valid: %s', async (file) => {
    const cwd = await folderOf({
      'fleet.yaml': read(file),
      'inventories/a.yaml': 'groups: { prod: { hosts: [web1] } }\n',
    });
    const { configs } = await loadProject({ ...person, cwd });
    expect(configs[0].app.name).toBe('shop');
  });
});

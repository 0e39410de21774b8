import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { initFiles, writeInitFiles } from '../../../src/config/init/scaffold.js';
import { loadProject } from '../../../src/config/project.js';
import { folderOf, person } from '../support/inventory-folder.js';
import { refusalOf } from '../support/shown.js';

describe('what init writes', () => {
  test('validates as it is', async () => {
    const cwd = await folderOf({});
    await writeInitFiles(initFiles(cwd));
    const {
      configs: [config],
      inventory,
    } = await loadProject({ ...person, cwd });
    expect(config.app.name).toBe('myapp');
    expect(inventory.groups.get('production')?.hosts).toHaveLength(3);
  });

  test('validates with every example taken out of its comment', async () => {
    const files = initFiles('.').map(({ path, text }) => [
      path,
      text.replace(/^( *)# (?=[ -]*(- )?[a-z_{]+(:| name))/gm, '$1'),
    ]);
    const cwd = await folderOf(Object.fromEntries(files));
    const {
      configs: [config],
      inventory,
    } = await loadProject({ ...person, cwd });
    expect(config.app.probes).toHaveLength(4);
    expect(config.app.shared).toHaveLength(2);
    expect([...config.environments.keys()]).toEqual(['production']);
    expect(inventory.hosts).toHaveLength(4);
  });

  test('never overwrites, and then writes nothing at all', async () => {
    const cwd = await folderOf({ 'inventories/example.yaml': 'mine' });
    expect(await refusalOf(() => writeInitFiles(initFiles(cwd)))).toMatchObject({ code: 'usage' });
    expect(await readFile(join(cwd, 'inventories/example.yaml'), 'utf8')).toBe('mine');
    await expect(readFile(join(cwd, 'fleet.yaml'))).rejects.toThrow('ENOENT');
    await writeFile(join(cwd, 'fleet.yaml'), 'mine');
    expect((await refusalOf(() => writeInitFiles(initFiles(cwd)))).message).toContain('fleet.yaml');
  });
});

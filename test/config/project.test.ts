import { describe, expect, test } from 'vitest';
import { checkProject } from '../../src/config/check.js';
import { viewInventory } from '../../src/config/inventory/view.js';
import { loadProject } from '../../src/config/project.js';
import { folderOf, person } from './support/inventory-folder.js';
import { mistakesOf, refusalOf } from './support/shown.js';

const FLEET = 'app: shop\nroot: /opt/shop\nservice: { unit: shop.service }\n';
const HOSTS = 'groups: { prod: { hosts: [h1, h2], labels: { zone: a } }, db: { hosts: [d] } }\n';

async function request(files: Readonly<Record<string, string>>) {
  return { ...person, cwd: await folderOf(files) };
}

describe('a project', () => {
  test('is its config and the inventories beside it', async () => {
    const {
      configs: [config],
      inventory,
    } = await loadProject(await request({ 'fleet.yaml': FLEET, 'inventories/a.yaml': HOSTS }));
    expect(config.app.name).toBe('shop');
    expect(inventory.hosts.map((host) => host.name)).toEqual(['h1', 'h2', 'd']);
  });

  test('lists the mistakes of both at once', async () => {
    const wrong = await request({
      'fleet.yaml': `${FLEET}polcy: 1\n`,
      'inventories/a.yaml': 'grups: {}\n',
    });
    expect(await refusalOf(() => loadProject(wrong))).toMatchObject({ code: 'config_invalid' });
    expect(await mistakesOf(() => loadProject(wrong))).toEqual([
      '4:1 unknown key polcy (did you mean policy?)',
      '1:1 unknown key grups (did you mean groups?)',
    ]);
  });

  test('without an inventory says so', async () => {
    const bare = await request({ 'fleet.yaml': FLEET });
    const refusal = await refusalOf(() => loadProject(bare));
    expect(refusal.code).toBe('inventory_not_found');
    expect(refusal.message).toContain('inventories');
  });

  test('has environments for groups that are there, and spreads over labels that hosts have', async () => {
    const wrong = await request({
      'fleet.yaml': `${FLEET}policy: { waves: { canary: 1, per: zoen } }\nenvironments: { prdo: {} }\n`,
      'inventories/a.yaml': HOSTS,
    });
    expect(await mistakesOf(() => loadProject(wrong))).toEqual([
      '4:36 no host has the label zoen (did you mean zone?)',
      '5:17 environments: there is no group prdo in the inventory (did you mean prod?)',
    ]);
  });

  test('has receivers of notices for groups that are there', async () => {
    const wrong = await request({
      'fleet.yaml': `${FLEET}notify:\n  - { webhook: { url: env:A }, groups: [prod, prdo] }\n  - { webhook: { url: env:B }, groups: eu }\nenvironments: { prod: { notify: [{ webhook: { url: env:A }, groups: pord }] } }\n`,
      'inventories/a.yaml': HOSTS,
    });
    expect(await mistakesOf(() => loadProject(wrong))).toEqual([
      '5:47 notify.groups: there is no group prdo in the inventory (did you mean prod?)',
      expect.stringMatching(/^6:\d+ notify\.groups: there is no group eu in the inventory/),
      expect.stringMatching(/^7:\d+ notify\.groups: there is no group pord in the inventory/),
    ]);
  });

  test('with a part of its inventory named need not have every group', async () => {
    const part = await request({
      'fleet.yaml': `${FLEET}environments: { prod: {} }\n`,
      'one.yaml': 'groups: { db: { hosts: [d] } }\n',
    });
    const { inventory } = await loadProject({ ...part, inventoryPaths: ['one.yaml'] });
    expect(inventory.hosts).toHaveLength(1);
  });
});

describe('a check', () => {
  test('reports what it read', async () => {
    const good = await request({
      'fleet.yaml': `${FLEET}environments: { prod: {} }\n`,
      'inventories/a.yaml': HOSTS,
    });
    const { report, refusal } = await checkProject(good);
    expect(refusal).toBeNull();
    expect(report).toMatchObject({ ok: true, app: 'shop', hosts: 3, environments: ['prod'] });
  });

  test('reports each mistake with its place', async () => {
    const wrong = await request({ 'fleet.yaml': `${FLEET}x: 1\n`, 'inventories/a.yaml': HOSTS });
    const { report } = await checkProject(wrong);
    expect(report).toMatchObject({
      ok: false,
      code: 'config_invalid',
      problems: [{ message: 'unknown key x', file: 'fleet.yaml', line: 4, column: 1 }],
    });
  });
});

describe('the view of an inventory', () => {
  test('has the selected hosts, and the groups that hold them', async () => {
    const { inventory } = await loadProject(
      await request({ 'fleet.yaml': FLEET, 'inventories/a.yaml': HOSTS }),
    );
    const view = viewInventory(inventory, { groups: ['prod'], limit: '!h2' });
    expect(view.hosts).toEqual([
      {
        name: 'h1',
        address: 'h1',
        port: 22,
        user: 'me',
        jump: null,
        transport: 'ssh2',
        groups: ['prod'],
        labels: { zone: 'a' },
        vars: {},
      },
    ]);
    expect(view.groups.map((group) => [group.name, group.hosts])).toEqual([
      ['all', ['h1']],
      ['prod', ['h1']],
    ]);
    expect(viewInventory(inventory, { groups: [] }).hosts).toHaveLength(3);
  });
});

import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadInventory } from '../../src/config/inventory/load.js';

test('the inventory to look at is valid, and has the six hosts that it speaks of', async () => {
  const inventory = await loadInventory({
    paths: ['inventories'],
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    home: homedir(),
    env: {},
    localUser: 'me',
    fileExists: async () => false,
  });
  expect(inventory.groups.get('production')?.hosts).toHaveLength(6);
  const web04 = inventory.hosts.find((host) => host.name === 'web04');
  expect(web04).toMatchObject({ address: '10.0.0.4', labels: { zone: 'b' } });
});

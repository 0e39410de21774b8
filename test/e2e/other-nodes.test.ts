import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundlePacker, packElsewhere, plantVaried } from '../artifact/support/pack-elsewhere.js';
import { scratchFolder } from '../artifact/support/scratch.js';
import { installNodes } from './support/nodes.js';

const root = scratchFolder();
/** The releases of Node that fleet supports, as npm has them. */
const NODES = ['20', '22', '24'] as const;

test('a folder has the same digest on Node 20, 22 and 24, under two umasks and time zones', async () => {
  const folder = plantVaried(join(root, 'folder'));
  const packer = await bundlePacker(root);
  const packed = installNodes(join(root, 'nodes'), NODES).flatMap((node) =>
    ['022', '077'].flatMap((umask) =>
      ['UTC', 'Asia/Kolkata'].map((zone) =>
        packElsewhere({ packer, folder, tmpDir: join(root, 'tmp') }, { node, umask, zone }),
      ),
    ),
  );
  const versions = packed.map(({ node }) => node.split('.')[0]);
  expect([...new Set(versions)]).toEqual(['v20', 'v22', 'v24']);
  expect(packed).toHaveLength(12);
  expect(new Set(packed.map(({ digest }) => digest)).size).toBe(1);
  expect(new Set(packed.map(({ manifest }) => JSON.stringify(manifest))).size).toBe(1);
}, 300_000);

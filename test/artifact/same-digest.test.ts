import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundlePacker, packElsewhere, plantVaried } from './support/pack-elsewhere.js';
import { scratchFolder } from './support/scratch.js';

const root = scratchFolder();

/** Pinned: hosts keep it, so a fleet of any age and on any Node must find the same. */
const DIGEST = 'sha256:0bf8cd9f281d691898afc0dfdb5019c47643b37e0583a99f32ec0213b2651ea4';

test('a folder has one digest under any umask and time zone, and in every version of fleet', async () => {
  const folder = plantVaried(join(root, 'folder'));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!['link', 'bin/run'].includes(name)) chmodSync(join(folder, name), 0o755);
  }
  const packer = await bundlePacker(root);
  const packed = ['022', '077'].flatMap((umask) =>
    ['UTC', 'Asia/Kolkata'].map((zone) =>
      packElsewhere(
        { packer, folder, tmpDir: join(root, 'tmp') },
        { node: process.execPath, umask, zone },
      ),
    ),
  );
  expect(packed).toHaveLength(4);
  expect(packed.map(({ digest }) => digest)).toEqual(Array(4).fill(DIGEST));
  expect(new Set(packed.map(({ manifest }) => JSON.stringify(manifest))).size).toBe(1);
}, 60_000);

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PreparedRelease, prepareRelease } from '../../src/artifact/prepare.js';
import { digestOf } from '../../src/artifact/tree/manifest.js';
import { readManifest } from '../../src/artifact/tree/manifest-text.js';
import { folderCases, refusal } from './support/folder-cases.js';
import { plant, prepareOptions, run } from './support/scratch.js';

const { root, options, fresh, prepareFolder } = folderCases();

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The two parts of a payload. */
function partsOf({ packedManifest }: PreparedRelease, payload: Buffer) {
  const { bytes } = packedManifest;
  return { manifest: payload.subarray(0, bytes), archive: payload.subarray(bytes) };
}

describe('a folder', () => {
  test('comes out of GNU tar and busybox tar as it went in', async () => {
    const long = `${'deep'.repeat(20)}/${'n'.repeat(120)}.txt`;
    const folder = plant(fresh(), {
      'bin/run': { script: '#!/bin/sh\n' },
      'Jörg "x" $(id).txt': 'ü',
      [long]: 'far away',
      'link-to-long': { link: long },
      empty: { folder: true },
      'zero.txt': '',
      big: 'x'.repeat(3_000_000),
    });
    const release = await prepareFolder(folder);
    for (const tar of [['tar'], ['busybox', 'tar']]) {
      const out = join(fresh(), 'out');
      mkdirSync(out, { recursive: true });
      const [command = '', ...first] = tar;
      const unpacked = spawnSync(command, [...first, '-xzf', release.archivePath, '-C', out]);
      expect(unpacked.stderr.toString()).toBe('');
      expect(run(root, 'diff', '-r', '--no-dereference', folder, out)).toBe('');
      expect(lstatSync(join(out, 'bin/run')).mode & 0o777).toBe(0o755);
      expect(readlinkSync(join(out, 'link-to-long'))).toBe(long);
    }
    await release.dispose();
  });

  test('tells size and hash of the archive it wrote', async () => {
    const release = await prepareFolder(plant(fresh(), { a: 'one', 'b/c': 'two' }));
    const bytes = readFileSync(release.archivePath);
    expect(release.bytes).toBe(bytes.length);
    expect(release.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    const payload = release.payload();
    if (!(payload instanceof Uint8Array)) expect.unreachable('a small one is in memory');
    const { manifest, archive } = partsOf(release, Buffer.from(payload));
    expect(archive).toEqual(bytes);
    expect(readManifest(gunzipSync(manifest).toString())).toEqual(release.manifest);
    expect(digestOf(release.manifest)).toBe(release.release.digest);
    expect(release).toMatchObject({ files: 2, unpackedBytes: 3 * 4096, format: 'gzip' });
    await release.dispose();
    expect(existsSync(release.archivePath)).toBe(false);
    await release.dispose();
  });

  test('gets an id of the time and its content where there is no commit', async () => {
    const { release } = await prepareFolder(plant(fresh(), { a: 'one' }));
    expect(release.commit).toBeNull();
    expect(release.id).toBe(`20261123T120000Z-${release.digest.slice(7, 14)}`);
    expect(release.version).toBe(release.id);
  });

  test('gives the same archive twice, whatever its times and modes for others', async () => {
    const one = plant(fresh(), { a: 'one', 'b/c': 'two' });
    const two = plant(fresh(), { 'b/c': 'two', a: 'one' });
    utimesSync(join(two, 'a'), 1, 1);
    const [first, second] = [await prepareFolder(one), await prepareFolder(two)];
    expect(second.sha256).toBe(first.sha256);
    expect(second.release.digest).toBe(first.release.digest);
  });

  test('has another digest with another execute bit, link, name or empty folder', async () => {
    const variants = [
      plant(fresh(), { a: 'x' }),
      plant(fresh(), { a: { script: 'x' } }),
      plant(fresh(), { b: 'x' }),
      plant(fresh(), { a: 'x', l: { link: 'a' } }),
      plant(fresh(), { a: 'x', l: { link: 'b' } }),
      plant(fresh(), { a: 'x', l: { folder: true } }),
    ];
    const digests = await Promise.all(
      variants.map(async (path) => (await prepareFolder(path)).release.digest),
    );
    expect(new Set(digests).size).toBe(variants.length);
  });

  test('drops version.json with a warning, and .git without one', async () => {
    const plain = plant(fresh(), { a: 'x', 'sub/version.json': '{}' });
    const more = plant(fresh(), {
      a: 'x',
      'sub/version.json': '{}',
      'version.json': '{}',
      '.git/info': 'not a real one',
    });
    const release = await prepareFolder(more);
    expect(release.release.digest).toBe((await prepareFolder(plain)).release.digest);
    expect(release.warnings).toEqual([
      'version.json was left out: fleet writes its own into each release',
    ]);
  });

  test('makes files of hard links', async () => {
    const folder = plant(fresh(), { a: 'same' });
    linkSync(join(folder, 'a'), join(folder, 'b'));
    const release = await prepareFolder(folder);
    expect(run(root, 'tar', '-tvzf', release.archivePath)).not.toContain('link to');
    expect(release.files).toBe(2);
  });

  test('leaves nothing behind when it is interrupted', async () => {
    const folder = plant(fresh(), { a: 'x'.repeat(30_000_000) });
    const own = prepareOptions(fresh(), { signal: AbortSignal.timeout(20) });
    const error = await refusal(prepareRelease({ kind: 'folder', path: folder }, own));
    expect(error).toMatchObject({ code: 'interrupted' });
    expect(readdirSync(own.tmpDir)).toEqual([]);
  });

  test('streams a large archive anew for each host', async () => {
    const noise = Buffer.allocUnsafe(12 * 1024 ** 2);
    for (let at = 0; at < noise.length; at += 4)
      noise.writeUInt32LE((Math.random() * 2 ** 32) >>> 0, at);
    const folder = plant(fresh(), {});
    writeFileSync(join(folder, 'noise'), noise);
    const release = await prepareFolder(folder);
    for (let host = 0; host < 2; host += 1) {
      const payload = release.payload();
      if (payload instanceof Uint8Array) expect.unreachable('too large for memory');
      else {
        const { manifest, archive } = partsOf(release, Buffer.concat(await payload.toArray()));
        expect(sha256Of(archive)).toBe(release.sha256);
        expect(sha256Of(manifest)).toBe(release.packedManifest.sha256);
      }
    }
    await release.dispose();
  });

  test('takes the id that a person gave, and refuses one that is no folder name', async () => {
    const path = plant(fresh(), { a: 'x' });
    const source = { kind: 'folder', path } as const;
    const given = await prepareRelease(source, { ...options, idOverride: 'v1.2.3' });
    expect(given.release.id).toBe('v1.2.3');
    for (const idOverride of ['../x', 'a b', "a'b", '.hidden', 'a/b', 'a..b', 'x'.repeat(129)]) {
      const error = await refusal(prepareRelease(source, { ...options, idOverride }));
      expect(error).toMatchObject({ code: 'release_id_invalid' });
    }
  });

  test('has the digest of a tar of the same content, however that was packed', async () => {
    const name = fc.stringMatching(/^[a-zäß "'$(]{1,12}$/).map((text) => `n${text}`);
    const leaf = fc.oneof(
      fc.string({ maxLength: 600 }),
      fc.string({ maxLength: 5 }).map((script) => ({ script })),
      fc.constant({ folder: true } as const),
      fc.constant({ link: 'na' }),
    );
    const tree = fc.dictionary(
      fc.tuple(fc.constantFrom('d', 'd/e', '.'), name).map(([dir, base]) => `${dir}/${base}`),
      leaf,
      { minKeys: 1, maxKeys: 8, noNullPrototype: true },
    );
    const packings = [['--format=pax'], ['--format=gnu', '-z'], ['--format=ustar', '--zstd']];
    await fc.assert(
      fc.asyncProperty(tree, fc.constantFrom(...packings), async (content, packing) => {
        const folder = plant(fresh(), { ...content, 'always.txt': 'here' });
        const tar = join(fresh(), 'r.tar');
        mkdirSync(join(tar, '..'));
        run(root, 'tar', '-cf', tar, ...packing, '-C', folder, '.');
        const [one, two] = await Promise.all([
          prepareFolder(folder),
          prepareRelease({ kind: 'archive', path: tar }, options),
        ]);
        expect(two.release.digest).toBe(one.release.digest);
        expect(two.sha256).toBe(one.sha256);
      }),
      { numRuns: 12 },
    );
  });
});

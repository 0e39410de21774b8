import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDrift } from '../../src/host/reply/drift.js';
import { compareStep } from '../../src/host/steps/compare-step.js';
import {
  bytesOf,
  chosenBase,
  contentsOf,
  type Files,
  readFolder,
  stageOf,
  writeFiles,
} from './support/delta.js';
import { by, host, scratch, stageBoth } from './support/delta-host.js';

describe('a base that is not what it was', () => {
  const BEFORE: Files = { 'a/old': { text: 'old' }, 'a/same': { text: 's' }, b: { text: 'b' } };
  const AFTER: Files = { 'a/new': { text: 'new' }, 'a/same': { text: 's' }, b: { text: 'b' } };

  async function drifted(
    change: (folder: string) => void,
    [before, after]: readonly [Files, Files] = [BEFORE, AFTER],
  ) {
    const { base, next, packed, at } = await stageBoth(before, after);
    change(at(base.release.id));
    const outcome = await host.run([stageOf(by, { release: next, packed, base })], bytesOf(packed));
    return { outcome, next, at };
  }

  test('is not written or deleted through a link in it', async () => {
    const outside = writeFiles(join(scratch, 'outside'), { old: { text: 'mine' } });
    const { outcome, next, at } = await drifted((folder) => {
      rmSync(join(folder, 'a'), { recursive: true });
      symlinkSync(outside, join(folder, 'a'));
    });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'base_changed' } });
    expect(contentsOf(outside)).toEqual({ old: 'file 644 mine' });
    expect(existsSync(at(next.release.id))).toBe(false);
    expect(
      readdirSync(join(host.root, 'releases')).filter((entry) => entry.startsWith('.')),
    ).toEqual([]);
  });

  test('is reported if it is gone, and the whole can follow', async () => {
    const { outcome, next, at } = await drifted((folder) => rmSync(folder, { recursive: true }));
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'base_changed', message: expect.stringContaining('is not on this host') },
    });
    const packed = await next.pack({ zstd: false, beyond: null });
    const whole = await host.run([stageOf(by, { release: next, packed })], bytesOf(packed));
    expect(whole).toMatchObject({ kind: 'ok' });
    expect(contentsOf(at(next.release.id))).toMatchObject({ 'a/new': 'file 644 new' });
  });

  test('is reported if a file has other contents', async () => {
    const { outcome } = await drifted((folder) => writeFileSync(join(folder, 'b'), 'B'));
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'base_changed' } });
  });

  test('is reported if a file has other contents, and size and time as before', async () => {
    const { outcome, next, at } = await drifted((folder) => {
      const { atime, mtime } = statSync(join(folder, 'a/same'));
      writeFileSync(join(folder, 'a/same'), 'S');
      utimesSync(join(folder, 'a/same'), atime, mtime);
    });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'base_changed' } });
    expect(existsSync(at(next.release.id))).toBe(false);
  });

  const TWINS: readonly [Files, Files] = [
    { 'a/x': { text: 'one' }, 'b/x': { text: 'two' }, c: { text: 'c' } },
    { 'a/x': { text: 'one' }, 'b/x': { text: 'two' }, c: { text: 'C' } },
  ];

  test.each([
    ['two files', 'a/x', 'b/x'],
    ['two folders', 'a', 'b'],
  ])('is reported if %s of one size have changed places', async (_, one, other) => {
    const { outcome } = await drifted((folder) => {
      const spare = join(folder, '../spare');
      renameSync(join(folder, one), spare);
      renameSync(join(folder, other), join(folder, one));
      renameSync(spare, join(folder, other));
    }, TWINS);
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'base_changed', message: expect.stringContaining('a/x') },
    });
  });

  test('is read again, and good enough, if its files were only touched', async () => {
    const { outcome, next, at } = await drifted((folder) =>
      utimesSync(join(folder, 'b'), new Date(1), new Date(1)),
    );
    expect(outcome).toMatchObject({ kind: 'ok' });
    expect(contentsOf(at(next.release.id))).toMatchObject({ b: 'file 644 b' });
  });

  test('is read again if nothing is known of its last verification', async () => {
    const { outcome } = await drifted((folder) => {
      rmSync(join(host.root, '.fleet/manifests', `${basename(folder)}+seen`));
      writeFileSync(join(folder, 'b'), 'B');
    });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'base_changed' } });
  });

  test('is good enough if an app has only added files to it', async () => {
    const { outcome, next, at } = await drifted((folder) =>
      writeFiles(folder, {
        'a/__pycache__/x y.pyc': { text: 'cache' },
        'a/-rf': { text: 'cache' },
        'a\nb\\/c\n': { text: 'cache' },
        'a/\tx': { text: 'cache' },
        'a/r\r': { text: 'cache' },
        link: { link: 'b' },
      }),
    );
    expect(outcome).toMatchObject({ kind: 'ok' });
    expect(contentsOf(at(next.release.id))).toEqual(
      contentsOf(writeFiles(join(scratch, 'x'), AFTER)),
    );
  });

  test('has no pipe', async () => {
    const { outcome } = await drifted((folder) => execFileSync('mkfifo', [join(folder, 'a/pipe')]));
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'base_changed' } });
  });
});

describe('a base that has not changed', () => {
  const files: Files = { same: { text: 'same' }, mode: { text: 'mode' }, changed: { text: 'old' } };
  const next: Files = {
    ...files,
    mode: { text: 'mode', mode: 0o755 },
    changed: { text: 'new' },
  };

  test('is not read: only what was sent is', async () => {
    const read = join(scratch, 'read');
    const { base, next: release, packed } = await stageBoth(files, next);
    host.tool('sha256sum', `#!/bin/sh\ntee -a '${read}' | /usr/bin/sha256sum "$@"\n`);
    const call = stageOf(by, { release, packed, base });
    expect(await host.run([call], bytesOf(packed))).toMatchObject({ kind: 'ok' });
    const listed =
      readFileSync(read)
        .toString('latin1')
        .match(/^[0-9a-f]{64} {2}.*$/gm) ?? [];
    expect(listed.map((line) => line.slice(66))).toContain('changed');
    expect(listed.map((line) => line.slice(66))).not.toContain('same');
  });

  test('does not excuse a file that was sent with other contents than the manifest says', async () => {
    const { base, next: release, packed, at } = await stageBoth(files, next);
    const lying = await readFolder(
      writeFiles(join(scratch, 'lying'), { ...next, changed: { text: 'NEW' } }),
      scratch,
    );
    const other = await lying.pack({ zstd: false, beyond: chosenBase(base, lying) });
    const head = bytesOf(packed).subarray(0, packed.packedManifest.bytes);
    const tail = bytesOf(other).subarray(other.packedManifest.bytes);
    const mixed = { ...other, packedManifest: packed.packedManifest };
    const call = stageOf(by, { release, packed: mixed, base });
    expect(await host.run([call], Buffer.concat([head, tail]))).toMatchObject({
      kind: 'failed',
      failure: { code: 'base_changed', message: expect.stringContaining('says: changed') },
    });
    expect(existsSync(at(release.release.id))).toBe(false);
  });

  test('makes a release that is intact, also by its contents', async () => {
    const { base, next: release, packed } = await stageBoth(files, next);
    const { id } = release.release;
    await host.run([stageOf(by, { release, packed, base })], bytesOf(packed));
    for (const check of ['stamp', 'content'] as const) {
      const { events } = await host.run([compareStep({ kind: 'release', id }, check)]);
      expect(readDrift(events)).toMatchObject([{ release: id, state: 'intact', by: check }]);
    }
  });
});

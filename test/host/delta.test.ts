import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDrift } from '../../src/host/reply/drift.js';
import { readPartial } from '../../src/host/reply/facts.js';
import { compareStep } from '../../src/host/steps/compare-step.js';
import type { SharedPath } from '../../src/model/runs/app.js';
import {
  bytesOf,
  chosenBase,
  contentsOf,
  type Files,
  type Made,
  readFolder,
  stageOf,
  writeFiles,
} from './support/delta.js';
import { claim, ownership } from './support/deploy.js';
import { ALL_SHELLS, createFakeHost, type FakeHost, type Shell } from './support/fake-host.js';
import { NOW } from './support/fake-release.js';

let host: FakeHost;
const hosts: FakeHost[] = [];
let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'fleet-delta-'));
});
afterEach(() => {
  for (const each of hosts.splice(0)) each.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const by = ownership(1);

/** Stages one tree whole, and another on top of it. */
async function stageBoth(
  before: Files,
  after: Files,
  options: {
    readonly shell?: Shell;
    readonly shape?: (host: FakeHost) => void;
    readonly shared?: readonly SharedPath[];
  } = {},
) {
  const { shell, shape, shared = [] } = options;
  host = createFakeHost(shell);
  hosts.push(host);
  shape?.(host);
  const [base, next] = await Promise.all(
    [before, after].map((files, i) =>
      readFolder(writeFiles(join(scratch, `${i}-${Math.random()}`), files), scratch),
    ),
  );
  if (base === undefined || next === undefined) throw new Error('two trees');
  await host.run([claim(by, null)]);
  const whole = await base.pack({ zstd: false, beyond: null });
  const staged = await host.run(
    [stageOf(by, { release: base, packed: whole, shared })],
    bytesOf(whole),
  );
  expect(staged).toMatchObject({ kind: 'ok' });
  const packed = await next.pack({ zstd: false, beyond: chosenBase(base, next, shared) });
  const at = (id: string) => join(host.root, 'releases', id);
  return { base, next, packed, at };
}

const EVERYTHING: readonly [Files, Files] = [
  {
    same: { text: 'same' },
    changed: { text: 'old' },
    gone: { text: 'gone' },
    mode: { text: 'm', mode: 0o755 },
    'a/same': { text: 'same' },
    'a/gone': { text: 'gone' },
    'a/deep/er/same': { text: 'same' },
    'dir-gone/x': { text: 'x' },
    'file-to-folder': { text: 'x' },
    'folder-to-file/x': { text: 'x' },
    'folder-to-link/x': { text: 'x' },
    'link-to-folder': { link: 'a' },
    'link-same': { link: 'a/same' },
    'link-changed': { link: 'same' },
    'folder-mode': { folder: 0o700 },
    'folder-mode/x': { text: 'x' },
    '-rf': { text: 'x' },
    ' ': { text: 'x' },
    'a\nb': { text: 'x' },
    'back\\slash\\n': { text: 'x' },
    '\\\n': { text: 'gone' },
    'Jörg "x" $(id)': { text: 'x' },
  },
  {
    same: { text: 'same' },
    changed: { text: 'new' },
    mode: { text: 'm', mode: 0o644 },
    new: { text: 'new' },
    'a/same': { text: 'same' },
    'a/new': { text: 'new' },
    'a/deep/er/same': { text: 'same' },
    'new-dir/a/b': { text: 'x' },
    'file-to-folder/x': { text: 'x' },
    'folder-to-file': { text: 'x' },
    'folder-to-link': { link: 'a' },
    'link-to-folder/y': { text: 'y' },
    'link-same': { link: 'a/same' },
    'link-changed': { link: 'changed' },
    'folder-mode': { folder: 0o755 },
    'folder-mode/x': { text: 'x' },
    '-rf': { text: 'y' },
    '  ': { text: 'x' },
    'a\nb': { text: 'y' },
    'a\nb2/c\n': { text: 'y' },
    'back\\slash\\n': { text: 'y' },
    'Jörg "x" $(id)': { text: 'y' },
  },
];

/** yash knows no names that are not ASCII in this locale; it gets the whole instead. */
const fitFor = (shell: Shell, files: Files): Files =>
  Object.fromEntries(
    Object.entries(files).filter(([path]) => shell !== 'yash' || /^[\x00-\x7f]*$/.test(path)),
  );

describe.each(ALL_SHELLS)('with %s', (shell) => {
  test('a release that is made from another one goes on where its upload was cut off', async () => {
    const noise = randomBytes(50_000).toString('base64');
    const [before, after] = [
      { same: { text: 'x' } },
      { same: { text: 'x' }, new: { text: noise } },
    ];
    const { base, next, packed } = await stageBoth(before, after, { shell });
    const step = stageOf(by, { release: next, packed, base });
    const payload = bytesOf(packed);
    const head = payload.length - packed.bytes;
    const half = Math.floor(packed.bytes / 2);
    const cut = await host.run([step], payload.subarray(0, head + half));
    expect(cut).toMatchObject({ kind: 'failed', failure: { code: 'digest_mismatch' } });
    const asked = await host.run([{ verb: 'status', args: [] }]);
    expect(readPartial(asked.events)).toEqual([{ sha256: packed.sha256, bytes: half }]);
    const rest = String(packed.bytes - half);
    const onward = {
      ...step,
      args: [...step.args, ['offset', String(half)], ['rest', rest]],
    } as const;
    const sent = Buffer.concat([payload.subarray(0, head), payload.subarray(head + half)]);
    expect(await host.run([onward], sent)).toMatchObject({ kind: 'ok' });
    const whole = writeFiles(join(scratch, 'whole'), after);
    expect(contentsOf(join(host.root, 'releases', next.release.id))).toEqual(contentsOf(whole));
  });

  test('a release that is made from another one is the same as if it had come whole', async () => {
    const [before, after] = EVERYTHING.map((files) => fitFor(shell, files));
    const { base, next, packed, at } = await stageBoth(before ?? {}, after ?? {}, { shell });
    const outcome = await host.run([stageOf(by, { release: next, packed, base })], bytesOf(packed));
    expect(outcome).toMatchObject({ kind: 'ok' });
    const whole = writeFiles(join(scratch, 'whole'), after ?? {});
    expect(contentsOf(at(next.release.id))).toEqual(contentsOf(whole));
    expect(timesIn(at(next.release.id))).toEqual(new Set([new Date(NOW).getTime()]));
    expect(contentsOf(at(base.release.id))).toEqual(
      contentsOf(writeFiles(join(scratch, 'before'), before ?? {})),
    );
  });
});

test.each(['busybox', 'toybox', 'bsdtar'] as const)('with the tools of %s too', async (kind) => {
  const calls = { busybox: 'busybox tar', toybox: 'toybox tar', bsdtar: 'bsdtar' };
  const plain = (files: Files): Files =>
    Object.fromEntries(Object.entries(files).filter(([path]) => /^[ -[\]-~]*$/.test(path)));
  const [before, after] = EVERYTHING.map((files) => (kind === 'bsdtar' ? plain(files) : files));
  const { base, next, packed, at } = await stageBoth(before ?? {}, after ?? {}, {
    shape(made) {
      made.tool('tar', `#!/bin/sh\nexec ${calls[kind]} "$@"\n`);
      if (kind === 'bsdtar') return;
      for (const tool of ['cp', 'rm', 'touch', 'sha256sum', 'cut', 'tail', 'uniq', 'sort']) {
        made.tool(tool, `#!/bin/sh\nexec ${kind} ${tool} "$@"\n`);
      }
    },
  });
  const outcome = await host.run([stageOf(by, { release: next, packed, base })], bytesOf(packed));
  expect(outcome).toMatchObject({ kind: 'ok' });
  const whole = writeFiles(join(scratch, 'whole'), after ?? {});
  expect(contentsOf(at(next.release.id))).toEqual(contentsOf(whole));
});

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 'd'),
  fc.constantFrom(
    '-rf',
    ' ',
    '*',
    '\n',
    'a\n',
    '\\',
    '\\n',
    '.x',
    '..x',
    'Jörg',
    '"',
    "it's",
    'x\ty',
  ),
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const made: fc.Arbitrary<Made> = fc.oneof(
  fc.record({ text: fc.constantFrom('', 'x', 'y'), mode: fc.constantFrom(0o644, 0o755, 0o600) }),
  fc.record({ link: fc.constantFrom('a', 'b/c', 'nowhere') }),
  fc.record({ folder: fc.constantFrom(0o755, 0o700) }),
);
/** Paths of which none lies below a file or link of another. */
const tree = fc.array(fc.tuple(path, made), { minLength: 1, maxLength: 12 }).map((entries) => {
  const files: Record<string, Made> = { 'always here': { text: 'x' } };
  for (const [at, what] of entries) {
    const taken = Object.keys(files);
    const clashes = taken.some(
      (known) =>
        known === at ||
        known.startsWith(`${at}/`) ||
        (at.startsWith(`${known}/`) && !('folder' in (files[known] ?? {}))),
    );
    if (!clashes) files[at] = what;
  }
  return files;
});

test('any tree can be made from any other', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, async (before, after) => {
      const { base, next, packed, at } = await stageBoth(before, after);
      const same = base.release.digest === next.release.digest;
      const call = stageOf(by, { release: next, packed, base });
      const outcome = await host.run([call], bytesOf(packed));
      expect(outcome).toMatchObject({ kind: 'ok' });
      const found = contentsOf(at(next.release.id));
      if (!same)
        expect(found).toEqual(contentsOf(writeFiles(join(scratch, `${Math.random()}`), after)));
    }),
    { numRuns: Number(process.env.FLEET_DELTAS ?? 12) },
  );
});

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

test('no file of a release is a hard link to one of its base', async () => {
  const files: Files = { a: { text: 'a' }, 'b/c': { text: 'c' } };
  const { base, next, packed, at } = await stageBoth(files, { ...files, d: { text: 'd' } });
  await host.run([stageOf(by, { release: next, packed, base })], bytesOf(packed));
  for (const path of ['a', 'b/c']) {
    expect(statSync(join(at(next.release.id), path))).toMatchObject({ nlink: 1 });
  }
});

test('links to shared/ in a base are made anew', async () => {
  const shared: readonly SharedPath[] = [
    { path: 'log', kind: 'folder' },
    { path: 'etc/x/keys', kind: 'folder' },
    { path: 'was', kind: 'folder' },
  ];
  const files: Files = { 'log/.keep': { text: '' }, 'was/x': { text: 'x' }, a: { text: 'a' } };
  const { base, next, packed, at } = await stageBoth(
    files,
    { ...files, b: { text: 'b' } },
    { shared },
  );
  const call = stageOf(by, { release: next, packed, base, shared });
  expect(await host.run([call], bytesOf(packed))).toMatchObject({ kind: 'ok' });
  expect(contentsOf(at(next.release.id))).toEqual({
    a: 'file 644 a',
    b: 'file 644 b',
    etc: 'folder 755',
    'etc/x': 'folder 755',
    'etc/x/keys': 'link ../../../../shared/etc/x/keys',
    log: 'link ../../shared/log',
    was: 'link ../../shared/was',
  });
});

/** The times of all that is no link and not the top. */
function timesIn(folder: string): ReadonlySet<number> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const stats = paths
    .filter((path) => path !== 'version.json')
    .map((path) => lstatSync(join(folder, path)));
  return new Set(stats.filter((stat) => !stat.isSymbolicLink()).map(({ mtimeMs }) => mtimeMs));
}

import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPartial } from '../../src/host/reply/facts.js';
import type { SharedPath } from '../../src/model/runs/app.js';
import {
  bytesOf,
  contentsOf,
  type Files,
  type Made,
  stageOf,
  writeFiles,
} from './support/delta.js';
import { by, host, scratch, stageBoth } from './support/delta-host.js';
import { ALL_SHELLS, type Shell } from './support/fake-host.js';
import { NOW } from './support/fake-release.js';

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

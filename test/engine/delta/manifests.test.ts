import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf, type ManifestEntry } from '../../../src/artifact/tree/manifest.js';
import { manifestText } from '../../../src/artifact/tree/manifest-text.js';
import { openManifestCache } from '../../../src/engine/delta/manifest-cache.js';
import { manifestOn } from '../../../src/engine/delta/read-manifest.js';
import type { HostClient } from '../../../src/host/client.js';
import { asReleaseId } from '../../../src/model/names.js';

let stateDir = '';
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'fleet-manifests-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const manifest = (number: number): readonly ManifestEntry[] => [
  { kind: 'file', path: `f${number}`, mode: 0o644, size: 1, sha256: 'a'.repeat(64) },
];
const ID = asReleaseId('20260101T000000Z-abcdef1');

test('a manifest is found again by its digest', () => {
  const cache = openManifestCache(stateDir);
  const digest = digestOf(manifest(1));
  expect(cache.of(digest)).toBeNull();
  cache.keep(digest, manifest(1));
  expect(openManifestCache(stateDir).of(digest)).toEqual(manifest(1));
});

test('a file that was changed, or a digest that names no file, is no manifest', () => {
  const cache = openManifestCache(stateDir);
  const digest = digestOf(manifest(1));
  cache.keep(digest, manifest(1));
  const [name = ''] = readdirSync(join(stateDir, 'manifests'));
  const file = join(stateDir, 'manifests', name);
  writeFileSync(file, readFileSync(file, 'utf8').replace('f1', '../f1'));
  expect(cache.of(digest)).toBeNull();
  expect(cache.of('sha256:../../etc/passwd')).toBeNull();
});

test('those that were not used for longest are forgotten', () => {
  const cache = openManifestCache(stateDir);
  for (let number = 0; number < 45; number += 1) {
    cache.keep(digestOf(manifest(number)), manifest(number));
  }
  expect(readdirSync(join(stateDir, 'manifests'))).toHaveLength(40);
  expect(cache.of(digestOf(manifest(44)))).not.toBeNull();
});

test('a folder that cannot be written stops no deploy', () => {
  writeFileSync(join(stateDir, 'manifests'), '');
  openManifestCache(stateDir).keep(digestOf(manifest(1)), manifest(1));
});

const host = (lines: readonly string[]): HostClient => ({
  run: async () => ({
    kind: 'ok',
    replies: [],
    events: lines.map((line) => ({ event: 'manifest', line })),
  }),
});
const linesOf = (entries: readonly ManifestEntry[]) => manifestText(entries).trimEnd().split('\n');

test('a host is believed about a release only if its digest says the same', async () => {
  const digest = digestOf(manifest(1));
  const { signal } = new AbortController();
  const asked = (lines: readonly string[]) => manifestOn(host(lines), { id: ID, digest }, signal);
  expect(await asked(linesOf(manifest(1)))).toEqual(manifest(1));
  expect(await asked(linesOf(manifest(2)))).toBeNull();
  expect(await asked(['rubbish'])).toBeNull();
  expect(await asked([])).toBeNull();
});

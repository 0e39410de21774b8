import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ManifestEntry } from '../../../src/artifact/tree/manifest.js';
import { manifestText } from '../../../src/artifact/tree/manifest-text.js';
import type { Step } from '../../../src/host/protocol/protocol.js';
import { type StagedArchive, stageStep } from '../../../src/host/steps/stage-step.js';
import type { Ownership } from '../../../src/host/steps/steps.js';
import { asReleaseId, asRunId, type ReleaseId } from '../../../src/model/names.js';
import type { ReleaseMeta } from '../../../src/model/releases/release.js';
import type { LinkRule, SharedPath } from '../../../src/model/runs/app.js';

export const NOW = '2026-01-01T00:00:00Z';

/** A release with its archive, ready to be staged. */
export interface FakeRelease {
  readonly id: ReleaseId;
  readonly meta: ReleaseMeta;
  /** The manifest, if it has one, and the archive. */
  readonly payload: Buffer;
  readonly archive: StagedArchive;
  readonly manifest: readonly ManifestEntry[];
  /** With its manifest, and an archive of other files. */
  withFiles(files: Readonly<Record<string, string>>): FakeRelease;
  /** The same release as an older fleet sends it. */
  withoutManifest(): FakeRelease;
  stage(by: Ownership, shared?: readonly SharedPath[], links?: LinkRule): Step;
}

/** `number` tells releases apart; `files` are paths with their content. */
export function fakeRelease(
  number: number,
  files: Readonly<Record<string, string>> = { app: `release ${number}` },
): FakeRelease {
  return releaseOf(number, packedFiles(files), 'gzip', manifestOf(files));
}

function packedFiles(files: Readonly<Record<string, string>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-release-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode: 0o755 });
  }
  const payload = execFileSync('tar', ['-czf', '-', '-C', folder, '.']);
  rmSync(folder, { recursive: true });
  return payload;
}

function manifestOf(files: Readonly<Record<string, string>>): readonly ManifestEntry[] {
  const parents = Object.keys(files).flatMap((path) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  });
  return [
    ...[...new Set(parents)].map((path) => ({ kind: 'folder', path, mode: 0o755 }) as const),
    ...Object.entries(files).map(([path, text]) => {
      const content = Buffer.from(text);
      return {
        kind: 'file',
        path,
        mode: 0o755,
        size: content.length,
        sha256: sha256Of(content),
      } as const;
    }),
  ];
}

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A release from any archive, whatever is in it; without entries it has no manifest, as with an older fleet. */
export function releaseOf(
  number: number,
  packed: Buffer,
  format: StagedArchive['format'],
  entries: readonly ManifestEntry[] = [],
): FakeRelease {
  const id = asReleaseId(`2026010${number}T000000Z-${String(number).repeat(7)}`);
  const meta: ReleaseMeta = {
    id,
    version: `v${number}`,
    commit: null,
    digest: `sha256:${String(number).repeat(64)}`,
    app: 'shop',
    run: asRunId('run1'),
    deployer: `O'Neil "x" $(id) \\ Jörg`,
    deployedAt: NOW,
  };
  const head = entries.length === 0 ? Buffer.alloc(0) : gzipSync(manifestText(entries));
  const archive: StagedArchive = {
    sha256: sha256Of(packed),
    bytes: packed.length,
    unpacked: 10_000,
    format,
    manifest: head.length === 0 ? null : { sha256: sha256Of(head), bytes: head.length },
  };
  return {
    id,
    meta,
    payload: Buffer.concat([head, packed]),
    archive,
    manifest: entries,
    withFiles: (files) => releaseOf(number, packedFiles(files), format, entries),
    withoutManifest: () => releaseOf(number, packed, format),
    stage: (by, shared = [], links = 'inside') => {
      const version = `{"version":"v${number}"}`;
      return stageStep(by, { meta, version, archive, shared, links, since: NOW });
    },
  };
}

export function readVersion(root: string, id: ReleaseId): unknown {
  return JSON.parse(readFileSync(join(root, 'releases', id, 'version.json'), 'utf8'));
}

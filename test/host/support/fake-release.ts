import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Step } from '../../../src/host/protocol/protocol.js';
import { type Ownership, type StagedArchive, stageStep } from '../../../src/host/steps/steps.js';
import { asReleaseId, asRunId, type ReleaseId } from '../../../src/model/names.js';
import type { ReleaseMeta } from '../../../src/model/releases/release.js';
import type { LinkRule, SharedPath } from '../../../src/model/runs/app.js';

export const NOW = '2026-01-01T00:00:00Z';

/** A release with its archive, ready to be staged. */
export interface FakeRelease {
  readonly id: ReleaseId;
  readonly meta: ReleaseMeta;
  readonly payload: Buffer;
  readonly archive: StagedArchive;
  stage(by: Ownership, shared?: readonly SharedPath[], links?: LinkRule): Step;
}

/** `number` tells releases apart; `files` are paths with their content. */
export function fakeRelease(
  number: number,
  files: Readonly<Record<string, string>> = { app: `release ${number}` },
): FakeRelease {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-release-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode: 0o755 });
  }
  const payload = execFileSync('tar', ['-czf', '-', '-C', folder, '.']);
  rmSync(folder, { recursive: true });
  return releaseOf(number, payload, 'gzip');
}

/** A release from any archive, whatever is in it. */
export function releaseOf(
  number: number,
  payload: Buffer,
  format: StagedArchive['format'],
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
  const sha256 = createHash('sha256').update(payload).digest('hex');
  const archive = { sha256, bytes: payload.length, unpacked: 10_000, format };
  return {
    id,
    meta,
    payload,
    archive,
    stage: (by, shared = [], links = 'inside') => {
      const version = `{"version":"v${number}"}`;
      return stageStep(by, { meta, version, archive, shared, links, since: NOW });
    },
  };
}

export function readVersion(root: string, id: ReleaseId): unknown {
  return JSON.parse(readFileSync(join(root, 'releases', id, 'version.json'), 'utf8'));
}

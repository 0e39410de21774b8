import { asReleaseId, asRunId, type ReleaseId } from '../../src/model/names.js';
import type { ReleaseMeta } from '../../src/model/releases/release.js';

/** What every host in memory holds before a run: a rollback goes from `current` to `before`. */
export const HELD = {
  before: asReleaseId('20260101T000000Z-aaaaaaa'),
  current: asReleaseId('20260102T000000Z-bbbbbbb'),
} as const;

export function metaOf(id: ReleaseId): ReleaseMeta {
  const day = id.slice(6, 8);
  return {
    id,
    version: id,
    commit: null,
    digest: `sha256:${id.slice(-1).repeat(64)}`,
    app: 'shop',
    run: asRunId('earlier'),
    deployer: 'ada@bastion',
    deployedAt: `2026-01-${day}T00:00:00.000Z`,
  };
}

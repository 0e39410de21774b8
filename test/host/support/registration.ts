import type { Registration } from '../../../src/host/steps/adopt-steps.js';
import { asReleaseId } from '../../../src/model/names.js';
import { BEFORE_FLEET } from '../../../src/model/releases/release.js';
import { OLDER_COMMIT } from '../../fixtures/tool-layouts.js';
import { NOW } from './fake-release.js';

export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** What is known of a release that Capistrano made. */
export const registration = (id: string): Registration => ({
  meta: {
    id: asReleaseId(id),
    version: id,
    commit: OLDER_COMMIT,
    digest: DIGEST,
    app: 'shop',
    run: BEFORE_FLEET,
    deployer: 'ada by Capistrano',
    deployedAt: '2024-01-01T12:00:00.000Z',
  },
  standing: 'healthy',
  since: NOW,
});

import type { RunId } from '../names.js';
import type { ReleaseMeta } from './release.js';

/**
 * The text of version.json, one line of JSON: other tools read it to learn which version a host has. Times are RFC 3339,
 * UTC; `previous` is the id of the release before, or null.
 */
export function versionFile(
  release: ReleaseMeta,
  activation: { readonly run: RunId; readonly at: string | null; readonly previous: string | null },
): string {
  return JSON.stringify({
    schema: 1,
    app: release.app,
    version: release.version,
    commit: release.commit,
    digest: release.digest,
    run: activation.run,
    deployer: release.deployer,
    deployed_at: release.deployedAt,
    activated_at: activation.at,
    previous: activation.previous,
  });
}
